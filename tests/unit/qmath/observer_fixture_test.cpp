// 240 recorded runs of torchao's HistogramObserver (tests/fixtures/observer.json; its header documents the generator).
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "catch.h"
#include "generator.h"
#include "qmath/histogram_observer.h"
#include "support/json.h"

using namespace xpuq;
using namespace xpuq::qmath;

namespace {
// Hexadecimal floats, exact in f32.
float hex(const Json& text) { return std::strtof(text.get<std::string>().c_str(), nullptr); }
}  // namespace

TEST_CASE("observer: recorded runs of the reference") {
  std::ifstream file(XPUQ_FIXTURES "/observer.json");
  REQUIRE(file.good());
  std::stringstream text;
  text << file.rdbuf();
  const auto recorded = parse_json(text.str(), "E000", "observer.json");
  REQUIRE(recorded.ok());
  REQUIRE((*recorded)["runs"].size() >= 240);
  std::size_t index = 0;
  for (const Json& run : (*recorded)["runs"]) {
    CAPTURE(index++, run["batches"].dump());
    HistogramObserver o;
    for (const Json& b : run["batches"]) {
      const auto x = test::lcg_batch(b["seed"], b["size"], run["transform"], hex(b["multiplier"]), hex(b["offset"]));
      REQUIRE(o.observe(x).ok());
    }
    const auto hash = std::strtoull(run["histogram_fnv"].get<std::string>().c_str(), nullptr, 16);
    CHECK(test::fnv64(o.state().histogram.counts) == hash);
    CHECK(o.state().min == hex(run["min"]));
    CHECK(o.state().max == hex(run["max"]));
    CHECK(o.range() == Range{hex(run["new_min"]), hex(run["new_max"])});
    const auto q = o.qparams(Scheme::affine);
    REQUIRE(q.ok());
    CHECK(q->scale == hex(run["scale"]));
    CHECK(q->zero_point == run["zero_point"].get<int>());
  }
}
