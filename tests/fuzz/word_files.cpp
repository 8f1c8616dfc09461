// Files of words: arguments (@FILE) and operands (--from). Both readers take a path, so the bytes go through a file in
// memory; operands that it names are not opened.
#include <sys/mman.h>
#include <unistd.h>

#include <cstdlib>

#include "cli/arguments_file.h"
#include "samples/operand.h"
#include "target.h"

XPUQ_FUZZ_TARGET(word_files) {
  if (bytes.size() > 4096) return;
  static const int file = memfd_create("words", 0);
  static const std::string path = "/proc/self/fd/" + std::to_string(file);
  if (ftruncate(file, 0) != 0 || pwrite(file, bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size())) std::abort();
  (void)xpuq::samples::read_operand_list(path);
  // A word "@..." would read any file of this machine, "@/dev/stdin" included.
  if (xpuq::fuzz::text_of(bytes).find('@') == std::string_view::npos) (void)xpuq::cli::expand_argument_files({"@" + path});
}
