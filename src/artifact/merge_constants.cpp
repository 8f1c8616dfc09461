#include "artifact/merge_constants.h"

#include <cstring>
#include <map>
#include <utility>

#include "plan/memory.h"
#include "support/crc32c.h"

namespace xpuq::artifact {
namespace {

class Merger {
 public:
  std::uint64_t place(std::span<const std::byte> bytes) {
    if (bytes.empty()) return 0;
    const auto [first, last] = placed_.equal_range({bytes.size(), crc32c(bytes)});
    for (auto it = first; it != last; ++it)
      if (std::memcmp(blob_.data() + it->second, bytes.data(), bytes.size()) == 0) return it->second;
    const std::uint64_t offset = align_up(blob_.size());
    placed_.emplace(std::pair(bytes.size(), crc32c(bytes)), offset);
    blob_.resize(offset);
    blob_.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    return offset;
  }

  std::string take() {
    blob_.resize(align_up(blob_.size()));
    return std::move(blob_);
  }

 private:
  std::string blob_;
  std::multimap<std::pair<std::size_t, std::uint32_t>, std::uint64_t> placed_;  ///< by size and checksum
};

}  // namespace

MergedConstants merge_constants(std::span<const Plan> plans) {
  MergedConstants out;
  out.plans.assign(plans.begin(), plans.end());
  Merger merger;
  for (Plan& plan : out.plans) {
    for (PlanValue& value : plan.values)
      if (value.place == Place::constant)
        value.offset = merger.place(plan.constants.subspan(value.offset, value.type.bytes()));
    plan.constants = {};
    plan.constants_owner.reset();
  }
  out.bytes = merger.take();
  return out;
}

}  // namespace xpuq::artifact
