// OUTPUT.search: what an interrupted search has evaluated.
#pragma once

#include <map>
#include <string>

#include "driver/search.h"

namespace xpuq {

class SearchState {
 public:
  /// `key` covers model, profile, pictures and options: only the same search may go on. With `resume`, E408 when the file
  /// is damaged or belongs to another search; no file is a search that did not begin.
  static Result<SearchState> open(const std::string& path, const std::string& key, bool resume);

  /// Null when this variant was not evaluated.
  const Evaluation* find(const Variant& variant) const;
  Result<void> add(const Variant& variant, const Evaluation& evaluation);
  void remove() const;

 private:
  std::string path_, key_;
  std::map<std::string, Evaluation> known_;
};

}  // namespace xpuq
