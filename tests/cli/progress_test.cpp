#include "cli/progress.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "catch.h"

using xpuq::cli::ProgressMeter;

namespace {

struct Screen {
  double now = 100;
  std::string text;
  int width = 80;
  ProgressMeter::Surroundings surroundings() {
    return {.now = [this] { return now; },
            .write = [this](const std::string& t) { text += t; },
            .width = [this] { return width; }};
  }
  std::string taken() { return std::exchange(text, {}); }
};

}  // namespace

TEST_CASE("work under half a second draws nothing") {
  for (const auto style : {ProgressMeter::Style::bar, ProgressMeter::Style::plain}) {
    Screen screen;
    ProgressMeter meter(style, screen.surroundings());
    for (int i = 0; i <= 40; ++i, screen.now += 0.01) meter.update("run", static_cast<std::uint64_t>(i), 40);
    CHECK(screen.text.empty());
  }
}

TEST_CASE("a bar: rate, time left, at most ten a second, gone at the end") {
  Screen screen;
  ProgressMeter meter(ProgressMeter::Style::bar, screen.surroundings());
  std::uint64_t done = 0;
  const auto advance = [&](double seconds) {
    for (double end = screen.now + seconds; screen.now < end - 1e-9; screen.now += 0.01)
      meter.update("calibrate", done++, 1000);
  };
  advance(0.45);
  CHECK(screen.taken().empty());
  advance(2);
  const std::string drawn = screen.taken();
  const auto redraws = std::count(drawn.begin(), drawn.end(), '\r');
  CHECK(redraws >= 15);
  CHECK(redraws <= 21);
  CHECK_THAT(drawn, ContainsSubstring("img/s  ETA 0:0"));
  CHECK_THAT(drawn, ContainsSubstring("calibrate   24"));
  CHECK_THAT(drawn, ContainsSubstring("/1000 [####----------------]  24%  "));
  screen.width = 30;
  advance(0.2);
  const std::string narrow = screen.taken();
  CHECK(narrow.substr(narrow.rfind('\r') + 1).size() <= 29 + 3);  // and the sequence that clears the rest
  meter.hide();
  CHECK(screen.taken() == "\r\x1b[K");
  meter.hide();
  CHECK(screen.taken().empty());
  screen.now += 1;
  meter.update("calibrate", 1000, 1000);
  CHECK(screen.taken().empty());  // hidden already
}

TEST_CASE("the rate is that of the last ten seconds") {
  Screen screen;
  ProgressMeter meter(ProgressMeter::Style::bar, screen.surroundings());
  std::uint64_t done = 0;
  for (int i = 0; i < 200; ++i, screen.now += 0.1) meter.update("run", done += 10, 100000);
  for (int i = 0; i < 150; ++i, screen.now += 0.1) meter.update("run", done += 1, 100000);
  CHECK_THAT(screen.text.substr(screen.text.rfind('\r')), ContainsSubstring("  10.0 img/s"));
}

TEST_CASE("plain lines: start, ten percent or thirty seconds whichever is later, end") {
  Screen screen;
  ProgressMeter meter(ProgressMeter::Style::plain, screen.surroundings());
  for (std::uint64_t i = 0; i <= 1000; ++i, screen.now += 0.1) meter.update("run", i, 1000);
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < screen.text.size();) {
    const auto end = screen.text.find('\n', at);
    lines.push_back(screen.text.substr(at, end - at));
    at = end + 1;
  }
  REQUIRE(lines.size() == 5);  // about 0.5 s, 30 s, 60 s, 90 s, 100 s
  CHECK_THAT(lines[1], ContainsSubstring("run: 307"));
  CHECK_THAT(lines[1], ContainsSubstring("/1000 (30%), 10.0 img/s, ETA 69s"));
  CHECK_THAT(lines[4], ContainsSubstring("run: 1000/1000 (100%), 10.0 img/s"));
  CHECK_THAT(lines[4], !ContainsSubstring("ETA"));
}

TEST_CASE("nothing with style none, and nothing of nothing") {
  Screen screen;
  ProgressMeter meter(ProgressMeter::Style::none, screen.surroundings());
  for (std::uint64_t i = 0; i < 100; ++i, screen.now += 1) meter.update("run", i, 100);
  CHECK(screen.text.empty());
}
