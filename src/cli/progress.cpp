#include "cli/progress.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>

#include "cli/terminal.h"
#include "support/text.h"

namespace xpuq::cli {
namespace {

constexpr double kSilent = 0.5;  // nothing is drawn for work shorter than this
constexpr double kRedraw = 0.1;
constexpr double kWindow = 10;  // seconds that the rate looks back
constexpr double kPlainInterval = 30;
constexpr std::uint64_t kPlainPercent = 10;
constexpr std::size_t kCells = 20;

std::string clock_text(double seconds) {
  const auto s = static_cast<unsigned long long>(seconds + 0.5);
  char text[48];
  if (s >= 3600) std::snprintf(text, sizeof text, "%llu:%02llu:%02llu", s / 3600, s / 60 % 60, s % 60);
  else std::snprintf(text, sizeof text, "%llu:%02llu", s / 60, s % 60);
  return text;
}

std::string padded(const std::string& text, std::size_t width) {
  return std::string(width > text.size() ? width - text.size() : 0, ' ') + text;
}

ProgressMeter::Surroundings real_surroundings() {
  return {
      .now = [] { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); },
      .write =
          [](const std::string& text) {
            std::fwrite(text.data(), 1, text.size(), stderr);
            std::fflush(stderr);
          },
      .width = terminal_width};
}

}  // namespace

ProgressMeter::ProgressMeter(Style style) : ProgressMeter(style, real_surroundings()) {}
ProgressMeter::ProgressMeter(Style style, Surroundings surroundings)
    : style_(style), surroundings_(std::move(surroundings)) {}

void ProgressMeter::start(std::string_view stage, std::uint64_t done, double now) {
  stage_ = std::string(stage);
  started_ = now;
  last_drawn_ = now;
  last_percent_ = 0;
  drawn_ = finished_ = false;
  recent_.assign(1, {now, done});
}

void ProgressMeter::update(std::string_view stage, std::uint64_t done, std::uint64_t total) {
  if (style_ == Style::none || total == 0) return;
  const std::lock_guard lock(mutex_);
  const double now = surroundings_.now();
  if (stage_ != stage || done < last_done_) start(stage, done, now);
  last_done_ = done;
  const bool at_end = done >= total;
  if (now - recent_.back().time >= kRedraw) {
    recent_.push_back({now, done});
    // The newest point from before the window stays: slow work may have no other inside it.
    while (recent_.size() > 2 && now - recent_[1].time > kWindow) recent_.pop_front();
  }
  if (finished_ || now - started_ < kSilent) return;
  if (style_ == Style::plain) {
    print_plain(done, total, now);
  } else if (at_end) {
    erase();
  } else if (!bar_visible_ || now - last_drawn_ >= kRedraw) {
    draw_bar(done, total, now);
  }
  finished_ = at_end;
}

double ProgressMeter::rate(std::uint64_t done, double now) const {
  const Point& from = recent_.front();
  return now > from.time ? static_cast<double>(done - std::min(done, from.done)) / (now - from.time) : 0;
}

void ProgressMeter::draw_bar(std::uint64_t done, std::uint64_t total, double now) {
  const std::string end = std::to_string(total);
  const double share = std::min(1.0, static_cast<double>(done) / static_cast<double>(total));
  const auto filled = static_cast<std::size_t>(share * static_cast<double>(kCells));
  const double speed = rate(done, now);
  std::string line = stage_ + "  " + padded(std::to_string(done), end.size()) + "/" + end + " [" +
                     std::string(filled, '#') + std::string(kCells - filled, '-') + "] " +
                     padded(std::to_string(static_cast<int>(share * 100)), 3) + "%  " + format_fixed(speed, 1) +
                     " img/s";
  if (speed > 0) line += "  ETA " + clock_text(static_cast<double>(total - done) / speed);
  // One column stays free: a full line would wrap on some terminals.
  const auto width = static_cast<std::size_t>(std::max(2, surroundings_.width()) - 1);
  if (line.size() > width) line.resize(width);
  surroundings_.write("\r" + line + "\x1b[K");
  bar_visible_ = drawn_ = true;
  last_drawn_ = now;
}

void ProgressMeter::print_plain(std::uint64_t done, std::uint64_t total, double now) {
  const auto percent = static_cast<std::uint64_t>(100.0 * static_cast<double>(done) / static_cast<double>(total));
  const bool due = percent >= last_percent_ + kPlainPercent && now - last_drawn_ >= kPlainInterval;
  if (drawn_ && !due && done < total) return;
  const double speed = rate(done, now);
  std::string line = stage_ + ": " + std::to_string(done) + "/" + std::to_string(total) + " (" +
                     std::to_string(percent) + "%), " + format_fixed(speed, 1) + " img/s";
  if (speed > 0 && done < total) line += ", ETA " + format_fixed(static_cast<double>(total - done) / speed, 0) + "s";
  surroundings_.write(line + "\n");
  drawn_ = true;
  last_drawn_ = now;
  last_percent_ = percent;
}

void ProgressMeter::erase() {
  if (bar_visible_) surroundings_.write("\r\x1b[K");
  bar_visible_ = false;
}

void ProgressMeter::hide() {
  const std::lock_guard lock(mutex_);
  erase();
}

}  // namespace xpuq::cli
