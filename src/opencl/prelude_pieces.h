// Tables of helper functions; prelude.cpp joins them.
#pragma once

#include <span>
#include <string_view>

namespace xpuq::opencl {

struct Piece {
  std::string_view name;   ///< of the function, without xpuq_
  std::string_view calls;  ///< names of other pieces, separated by spaces
  std::string_view text;
};

std::span<const Piece> conversion_pieces();
std::span<const Piece> unary_pieces();
std::span<const Piece> binary_pieces();
std::span<const Piece> math_pieces();
std::span<const Piece> rare_math_pieces();
std::span<const Piece> sum_pieces();

}  // namespace xpuq::opencl
