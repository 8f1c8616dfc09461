// Progress on standard error (cli.md section 1): one redrawn line on a terminal, a few plain lines elsewhere.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>

namespace xpuq::cli {

class ProgressMeter {
 public:
  enum class Style { none, plain, bar };
  struct Surroundings {
    std::function<double()> now;                    ///< seconds of a steady clock
    std::function<void(const std::string&)> write;  ///< to standard error
    std::function<int()> width;                     ///< columns
  };

  explicit ProgressMeter(Style style = Style::none);
  ProgressMeter(Style style, Surroundings surroundings);

  void update(std::string_view stage, std::uint64_t done, std::uint64_t total);
  /// Takes the bar away, so that another line can be written; the next update draws it again.
  void hide();

 private:
  struct Point {
    double time;
    std::uint64_t done;
  };
  void start(std::string_view stage, std::uint64_t done, double now);
  void draw_bar(std::uint64_t done, std::uint64_t total, double now);
  void print_plain(std::uint64_t done, std::uint64_t total, double now);
  double rate(std::uint64_t done, double now) const;
  void erase();

  Style style_;
  Surroundings surroundings_;
  std::mutex mutex_;
  std::string stage_;
  double started_ = 0, last_drawn_ = 0;
  std::uint64_t last_done_ = 0, last_percent_ = 0;
  bool drawn_ = false, bar_visible_ = false, finished_ = false;
  std::deque<Point> recent_;  ///< of the last ten seconds
};

}  // namespace xpuq::cli
