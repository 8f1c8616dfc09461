#include "artifact/refusal.h"

#include <cstdio>

namespace xpuq::artifact {

Error damaged(const std::string& who, const std::string& what, std::string got, std::string expected) {
  return {.code = "E502", .who = who, .what = "is damaged: " + what, .got = std::move(got),
          .expected = std::move(expected), .remedy = "copy the file again, or compile the model again", .node = {}};
}

Error needs_newer(const Source& source, const std::string& what, const std::string& got, std::string known) {
  const std::string writer = "xpuq " + (source.producer.empty() ? std::string("of unknown version") : source.producer);
  return {.code = "E501", .who = source.who, .what = what, .got = got + " (written by " + writer + ")",
          .expected = std::move(known), .remedy = "recompile the model with this version, or install " + writer,
          .node = {}};
}

std::string printable(std::string_view text, std::size_t most) {
  const bool cut = text.size() > most;
  std::string out(cut ? text.substr(0, most) : text);
  for (char& c : out)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '?';
  return cut ? out + "..." : out;
}

std::string hex(std::uint32_t value) {
  char text[9];
  std::snprintf(text, sizeof text, "%08x", static_cast<unsigned>(value));
  return text;
}

}  // namespace xpuq::artifact
