// Errors as values. A user error (bad file, unsupported operator, wrong flag) travels as an Error to the command;
// a broken invariant is a bug and goes through XPUQ_CHECK (src/support/check.h).
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <variant>

#if defined(__GNUC__)
#pragma GCC visibility push(default)
#endif

namespace xpuq {

/// What went wrong, in the four parts a person needs. `code` is stable: E1xx run, E2xx usage, E3xx model,
/// E4xx calibration, E5xx artifact, E6xx target (see docs); the first digit gives the command's exit status.
struct Error {
  std::string code;      ///< "E301"
  std::string who;       ///< file, option or node as the user wrote it
  std::string what;      ///< lower-case start, no final period
  std::string got;       ///< optional
  std::string expected;  ///< optional
  std::string remedy;    ///< optional; something to type
  std::string node;      ///< optional; original node name

  /// Exit status 1..6 from the first digit of `code`; 130/143 for "E130"/"E143" (interrupted).
  int exit_code() const;
  /// "E301: model.onnx: node 'x': ..." with indented got/expected/try lines.
  std::string text() const;
};

/// An Error without a node.
inline Error make_error(std::string code, std::string who, std::string what, std::string got = {},
                        std::string expected = {}, std::string remedy = {}) {
  return {.code = std::move(code), .who = std::move(who), .what = std::move(what), .got = std::move(got),
          .expected = std::move(expected), .remedy = std::move(remedy), .node = {}};
}

/// A value of T or an Error.
template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

  bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }
  T& value() & { return std::get<0>(state_); }
  const T& value() const& { return std::get<0>(state_); }
  T&& value() && { return std::get<0>(std::move(state_)); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }
  const Error& error() const { return std::get<1>(state_); }
  Error& error() { return std::get<1>(state_); }

 private:
  std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error) : error_(std::move(error)) {}

  bool ok() const { return !error_.has_value(); }
  explicit operator bool() const { return ok(); }
  const Error& error() const { return *error_; }
  Error& error() { return *error_; }

 private:
  std::optional<Error> error_;
};

}  // namespace xpuq

#if defined(__GNUC__)
#pragma GCC visibility pop
#endif

#define XPUQ_CONCAT_INNER(a, b) a##b
#define XPUQ_CONCAT(a, b) XPUQ_CONCAT_INNER(a, b)
/// Returns the error of a Result<void> expression from the enclosing function.
#define XPUQ_TRY(expr)                                                   \
  do {                                                                   \
    if (auto xpuq_result = (expr); !xpuq_result.ok()) return std::move(xpuq_result.error()); \
  } while (0)
/// Declares `decl` from a Result expression, or returns its error.
#define XPUQ_ASSIGN(decl, expr)                                        \
  auto XPUQ_CONCAT(xpuq_r_, __LINE__) = (expr);                        \
  if (!XPUQ_CONCAT(xpuq_r_, __LINE__).ok()) return std::move(XPUQ_CONCAT(xpuq_r_, __LINE__).error()); \
  decl = std::move(XPUQ_CONCAT(xpuq_r_, __LINE__)).value()
