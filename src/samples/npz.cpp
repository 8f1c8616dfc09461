// .npz through libzip: every size is bounded before memory is asked for, and each entry is read to its end, because
// only then libzip compares the checksum.
#include <zip.h>

#include <algorithm>
#include <cstring>
#include <memory>

#include "samples/npy.h"
#include "samples/sample_error.h"

namespace xpuq::samples {
namespace {

constexpr std::int64_t kMaxEntries = 4096;
constexpr std::string_view kSuffix = ".npy";

struct Discard {
  void operator()(zip_t* archive) const { zip_discard(archive); }
};
struct CloseEntry {
  void operator()(zip_file_t* file) const { zip_fclose(file); }
};
struct FreeSource {
  void operator()(zip_source_t* source) const { zip_source_free(source); }
};
using Archive = std::unique_ptr<zip_t, Discard>;
using Entry = std::unique_ptr<zip_file_t, CloseEntry>;
using Source = std::unique_ptr<zip_source_t, FreeSource>;

Error damaged(const std::string& who, std::string got) {
  return make_error(kUndecodable, who, "damaged .npz archive", std::move(got), {}, "save it again with numpy.savez");
}

std::string text_of(zip_error_t& error) {
  const std::string text = zip_error_strerror(&error);
  zip_error_fini(&error);
  return text;
}

Result<Archive> open_archive(std::span<const std::byte> bytes, const std::string& who) {
  zip_error_t error;
  zip_error_init(&error);
  Source source(zip_source_buffer_create(bytes.data(), bytes.size(), 0, &error));
  if (!source) return damaged(who, text_of(error));
  Archive archive(zip_open_from_source(source.get(), ZIP_RDONLY | ZIP_CHECKCONS, &error));
  if (!archive) return damaged(who, text_of(error));
  source.release();  // the archive owns it now
  zip_error_fini(&error);
  return archive;
}

/// One entry unpacked. `budget` is what all entries together may still take.
Result<std::vector<std::byte>> read_entry(zip_t* archive, zip_uint64_t index, const std::string& who,
                                          std::uint64_t& budget) {
  zip_stat_t info;
  constexpr zip_uint64_t needed = ZIP_STAT_SIZE | ZIP_STAT_COMP_SIZE;
  if (zip_stat_index(archive, index, 0, &info) != 0 || (info.valid & needed) != needed)
    return damaged(who, zip_strerror(archive));
  // Deflate expands at most 1032 times; a larger claim is a lie, and must not cost memory.
  if (info.size > budget || info.size / 1040 > info.comp_size)
    return damaged(who, "an entry that claims " + std::to_string(info.size) + " bytes");
  budget -= info.size;
  Entry entry(zip_fopen_index(archive, index, 0));
  if (!entry) return damaged(who, zip_strerror(archive));
  std::vector<std::byte> bytes(info.size);
  std::uint64_t done = 0;
  std::byte beyond[1];
  for (;;) {
    const bool full = done == info.size;
    const zip_int64_t n = zip_fread(entry.get(), full ? beyond : bytes.data() + done, full ? 1 : info.size - done);
    if (n < 0) return damaged(who, zip_error_strerror(zip_file_get_error(entry.get())));
    if (n > 0 && full) return damaged(who, "an entry longer than it claims");
    if (n == 0) break;
    done += static_cast<std::uint64_t>(n);
  }
  if (done != info.size) return damaged(who, "an entry shorter than it claims");
  return bytes;
}

std::string_view without_suffix(std::string_view name) {
  if (name.ends_with(kSuffix)) name.remove_suffix(kSuffix.size());
  return name;
}

}  // namespace

Result<NamedTensors> read_npz(std::span<const std::byte> bytes, const std::string& who) {
  // libzip takes an empty file for an empty archive; the smallest real one is its 22-byte end record.
  if (bytes.size() < 22) return damaged(who, std::to_string(bytes.size()) + " bytes");
  XPUQ_ASSIGN(const Archive archive, open_archive(bytes, who));
  const zip_int64_t count = zip_get_num_entries(archive.get(), 0);
  if (count > kMaxEntries) return damaged(who, std::to_string(count) + " entries");
  NamedTensors tensors;
  std::uint64_t budget = kMaxArrayBytes;
  for (zip_int64_t i = 0; i < count; ++i) {
    const auto index = static_cast<zip_uint64_t>(i);
    const char* raw_name = zip_get_name(archive.get(), index, ZIP_FL_ENC_RAW);
    if (raw_name == nullptr) return damaged(who, "an entry without a name");
    const std::string name(without_suffix(raw_name));
    for (const auto& [other, tensor] : tensors)
      if (other == name) return damaged(who, "two entries named '" + name + "'");
    const std::string entry = who + "[" + name + "]";
    XPUQ_ASSIGN(const std::vector<std::byte> data, read_entry(archive.get(), index, entry, budget));
    XPUQ_ASSIGN(Tensor tensor, read_npy(data, entry));
    tensors.emplace_back(name, std::move(tensor));
  }
  return tensors;
}

Result<std::vector<std::byte>> write_npz(const NamedTensors& tensors, const std::string& who) {
  zip_error_t error;
  zip_error_init(&error);
  const auto failed = [&who](std::string why) {
    return make_error(kUnreadable, who, "cannot make the .npz archive", std::move(why));
  };
  Source target(zip_source_buffer_create(nullptr, 0, 0, &error));
  if (!target) return failed(text_of(error));
  zip_source_keep(target.get());  // one reference for the archive, one to read the result
  // The entries' bytes must outlive zip_close, which reads them.
  std::vector<std::vector<std::byte>> files;
  files.reserve(tensors.size());
  Archive archive(zip_open_from_source(target.get(), ZIP_CREATE | ZIP_TRUNCATE, &error));
  if (!archive) {
    zip_source_free(target.get());
    return failed(text_of(error));
  }
  for (const auto& [name, tensor] : tensors) {
    files.push_back(write_npy(tensor));
    Source source(zip_source_buffer(archive.get(), files.back().data(), files.back().size(), 0));
    if (!source) return failed(zip_strerror(archive.get()));
    const std::string file_name = name + std::string(kSuffix);
    const zip_int64_t index = zip_file_add(archive.get(), file_name.c_str(), source.get(), 0);
    if (index < 0) return failed(zip_strerror(archive.get()));
    source.release();
    const auto at = static_cast<zip_uint64_t>(index);
    constexpr zip_uint16_t kFirstOfJanuary1980 = (1 << 5) | 1;  // equal tensors give equal bytes, whatever the clock
    if (zip_set_file_compression(archive.get(), at, ZIP_CM_STORE, 0) != 0 ||
        zip_file_set_dostime(archive.get(), at, 0, kFirstOfJanuary1980, 0) != 0)
      return failed(zip_strerror(archive.get()));
  }
  if (zip_close(archive.get()) != 0) return failed(zip_strerror(archive.get()));
  archive.release();

  zip_stat_t info;
  if (zip_source_stat(target.get(), &info) != 0 || zip_source_open(target.get()) != 0)
    return failed("the archive cannot be read back");
  std::vector<std::byte> out(info.size);
  const zip_int64_t n = zip_source_read(target.get(), out.data(), out.size());
  zip_source_close(target.get());
  if (n < 0 || static_cast<std::uint64_t>(n) != out.size()) return failed("the archive cannot be read back");
  return out;
}

}  // namespace xpuq::samples
