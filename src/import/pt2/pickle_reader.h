// The stack machine behind Pickle::parse: its stack, its memo, and reads that stay inside the text.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "import/pt2/pickle.h"

namespace xpuq::pt2 {

/// The stack machine. Each step either succeeds or leaves its reason in `why_`.
class PickleReader {
 public:
  PickleReader(std::string_view bytes, Pickle& out) : bytes_(bytes), out_(out) {}

  bool run();
  const std::string& why() const { return why_; }

 private:
  using Kind = PickledObject::Kind;

  bool fail(std::string why) {
    if (why_.empty()) why_ = std::move(why);
    return false;
  }
  PickledObject* make(Kind kind) {
    out_.objects_.push_back(std::make_unique<PickledObject>());
    out_.objects_.back()->kind = kind;
    return out_.objects_.back().get();
  }
  bool push(PickledObject* o) {
    stack_.push_back(o);
    return true;
  }
  PickledObject* pop() {
    if (stack_.empty()) return nullptr;
    PickledObject* o = stack_.back();
    stack_.pop_back();
    return o;
  }
  std::optional<std::uint64_t> number(std::size_t width) {
    if (bytes_.size() - at_ < width) return std::nullopt;
    std::uint64_t v = 0;
    for (std::size_t i = width; i-- > 0;) v = v << 8 | static_cast<unsigned char>(bytes_[at_ + i]);
    at_ += width;
    return v;
  }
  std::optional<std::string_view> take(std::uint64_t length) {
    if (bytes_.size() - at_ < length) return std::nullopt;
    const std::string_view out = bytes_.substr(at_, length);
    at_ += length;
    return out;
  }
  std::optional<std::string_view> line() {
    const std::size_t end = bytes_.find('\n', at_);
    if (end == std::string_view::npos) return std::nullopt;
    const std::string_view out = bytes_.substr(at_, end - at_);
    at_ = end + 1;
    return out;
  }
  /// The objects above the topmost mark, which is removed too.
  std::optional<std::vector<PickledObject*>> above_mark() {
    std::size_t i = stack_.size();
    while (i > 0 && stack_[i - 1]->kind != Kind::mark) --i;
    if (i == 0) return std::nullopt;
    std::vector<PickledObject*> out(stack_.begin() + static_cast<std::ptrdiff_t>(i), stack_.end());
    stack_.resize(i - 1);
    return out;
  }
  bool push_integer(std::int64_t v, Kind kind = Kind::integer) {
    PickledObject* o = make(kind);
    o->integer = v;
    return push(o);
  }
  bool push_text(std::optional<std::uint64_t> length) {
    const auto text = length ? take(*length) : std::nullopt;
    if (!text) return false;
    PickledObject* o = make(Kind::text);
    o->text = *text;
    return push(o);
  }
  bool push_tuple(std::vector<PickledObject*> items, Kind kind = Kind::tuple) {
    PickledObject* o = make(kind);
    o->items = std::move(items);
    return push(o);
  }
  bool push_last(std::size_t count) {
    if (stack_.size() < count) return false;
    std::vector<PickledObject*> items(stack_.end() - static_cast<std::ptrdiff_t>(count), stack_.end());
    stack_.resize(stack_.size() - count);
    return push_tuple(std::move(items));
  }
  bool push_global(std::string name);
  bool remember(std::uint64_t slot) {
    if (stack_.empty()) return false;
    memo_[slot] = stack_.back();
    return true;
  }
  bool recall(std::optional<std::uint64_t> slot) {
    const auto it = slot ? memo_.find(*slot) : memo_.end();
    return it != memo_.end() && push(it->second);
  }
  bool set_items(const std::vector<PickledObject*>& items) {
    if (stack_.empty() || stack_.back()->kind != Kind::dictionary || items.size() % 2) return false;
    for (std::size_t i = 0; i < items.size(); i += 2) stack_.back()->entries.emplace_back(items[i], items[i + 1]);
    return true;
  }
  bool append(const std::vector<PickledObject*>& items) {
    if (stack_.empty() || stack_.back()->kind != Kind::list) return false;
    stack_.back()->items.insert(stack_.back()->items.end(), items.begin(), items.end());
    return true;
  }
  bool step(char op);
  bool long_integer(std::uint64_t length);
  bool persistent();
  bool reduce();
  bool rebuild_tensor(const std::vector<PickledObject*>& arguments);

  std::string_view bytes_;
  std::size_t at_ = 0;
  Pickle& out_;
  std::string why_;
  std::vector<PickledObject*> stack_;
  std::unordered_map<std::uint64_t, PickledObject*> memo_;
};

}  // namespace xpuq::pt2
