// Seeded damage of a whole artifact: no bytes crash the reader, and no damage goes unseen.
#include "catch.h"
#include "forge.h"
#include "plan/verify.h"

namespace xpuq {
namespace {

using namespace artifact_test;

/// The high bits of the generator of pt2e-semantics 2.7.
class Random {
 public:
  std::size_t below(std::size_t n) {
    state_ = state_ * 6364136223846793005u + 1442695040888963407u;
    return static_cast<std::size_t>((state_ >> 33) % n);
  }

 private:
  std::uint64_t state_ = 20240601;
};

struct Range {
  std::size_t begin, end;
  bool has(std::size_t at) const { return at >= begin && at < end; }
};

std::vector<Range> bulk_ranges(const std::string& file) {
  std::vector<Range> out;
  const ArtifactListing listing = list_sections(as_span(file), "f").value();
  for (const SectionInfo& s : listing.sections)
    if (s.tag == "CNST" || s.tag == "TGT ") out.push_back({s.offset, s.offset + s.bytes});
  return out;
}

/// Another byte at `at`: one bit flipped, or any other value.
void mutate(std::string& file, std::size_t at, Random& random) {
  const auto change = random.below(2) ? 1u << random.below(8) : 1 + random.below(255);
  file[at] = static_cast<char>(file[at] ^ static_cast<char>(change));
}

/// What the reader accepts is sound through and through.
void check_usable(const Artifact& a) {
  for (const Plan& plan : a.plans) REQUIRE(verify(plan) == "");
  REQUIRE(to_bytes(a, "f").ok());
}

}  // namespace

TEST_CASE("2000 mutations of single bytes: an error, or a byte that opening does not check", "[artifact][corrupt]") {
  const std::string good = sample_bytes();
  const auto bulk = bulk_ranges(good);
  Random random;
  std::size_t opened = 0;
  for (int round = 0; round < 2000; ++round) {
    std::string file = good;
    const std::size_t at = random.below(file.size());
    mutate(file, at, random);
    INFO("byte " << at << " became " << static_cast<int>(static_cast<unsigned char>(file[at])));
    const auto got = read_artifact(as_span(file), nullptr, "f");
    const bool unchecked = std::any_of(bulk.begin(), bulk.end(), [&](const Range& r) { return r.has(at); });
    REQUIRE(got.ok() == unchecked);
    opened += got.ok();
    const auto strict = read_artifact(as_span(file), nullptr, "f", {.verify_all = true});
    REQUIRE(!strict.ok());
    REQUIRE(strict.error().code == "E502");
  }
  CHECK(opened > 0);
}

TEST_CASE("every truncation is an error", "[artifact][corrupt]") {
  const std::string good = sample_bytes();
  Random random;
  for (std::size_t size = 0; size < good.size(); size += size < 2000 ? 1 : 1 + random.below(60)) {
    INFO(size << " bytes");
    // A copy of exactly this size, so that a sanitizer sees a read beyond it.
    const std::vector<char> cut(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(size));
    const auto got = read_artifact(std::as_bytes(std::span(cut)), nullptr, "f");
    REQUIRE(!got.ok());
    REQUIRE(got.error().code == "E502");
    REQUIRE(!list_sections(std::as_bytes(std::span(cut)), "f").ok());
  }
}

TEST_CASE("4000 mutations under sound checksums: an error or a sound artifact", "[artifact][corrupt]") {
  const std::string good = sample_bytes();
  const std::size_t small = bulk_ranges(good).front().begin;  // header, table and all parsed sections
  Random random;
  std::size_t opened = 0;
  for (int round = 0; round < 4000; ++round) {
    std::string file = good;
    for (std::size_t n = 1 + random.below(3); n > 0; --n) mutate(file, random.below(small), random);
    const auto got = read_artifact(as_span(resealed(file)), nullptr, "f", {.verify_all = true});
    if (!got.ok()) {
      REQUIRE((got.error().code == "E501" || got.error().code == "E502"));
      REQUIRE(!got.error().text().empty());
      continue;
    }
    check_usable(*got);
    ++opened;
  }
  CHECK(opened > 0);
}

TEST_CASE("4000 mutations of the plan alone", "[artifact][corrupt]") {
  const Parts good;
  Random random;
  for (int round = 0; round < 4000; ++round) {
    Parts parts = good;
    std::string& plan = parts.at("PLAN").bytes;
    if (random.below(4) == 0) plan.resize(random.below(plan.size()));
    else for (std::size_t n = 1 + random.below(3); n > 0; --n) mutate(plan, random.below(plan.size()), random);
    const std::string file = parts.pack();
    const auto got = read_artifact(as_span(file), nullptr, "f");
    if (got.ok()) check_usable(*got);
    else REQUIRE((got.error().code == "E501" || got.error().code == "E502"));
  }
}

}  // namespace xpuq
