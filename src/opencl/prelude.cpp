#include "opencl/prelude.h"

#include <algorithm>
#include <vector>

#include "opencl/prelude_pieces.h"
#include "support/check.h"

namespace xpuq::opencl {
namespace {

/// All pieces; each table names only pieces of itself or of tables before it, so this order can be compiled.
const std::vector<Piece>& all_pieces() {
  static const std::vector<Piece> pieces = [] {
    std::vector<Piece> out;
    for (const auto table : {conversion_pieces(), math_pieces(), rare_math_pieces(), sum_pieces(), unary_pieces(), binary_pieces()})
      out.insert(out.end(), table.begin(), table.end());
    return out;
  }();
  return pieces;
}

}  // namespace

bool Prelude::need(std::string_view name) {
  const auto& all = all_pieces();
  const auto found = std::find_if(all.begin(), all.end(), [&](const Piece& p) { return p.name == name; });
  if (found == all.end()) return false;
  if (!pieces_.insert(static_cast<std::size_t>(found - all.begin())).second) return true;
  for (std::string_view rest = found->calls; !rest.empty();) {
    const std::size_t end = std::min(rest.find(' '), rest.size());
    XPUQ_CHECK(need(rest.substr(0, end)), "a piece calls only pieces");
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return true;
}

std::string Prelude::function(std::string_view name) {
  XPUQ_CHECK(need(name), "a helper of the prelude");
  return "xpuq_" + std::string(name);
}

std::string Prelude::text() const {
  // Contraction would round a product and a sum once instead of twice, as no formula here means.
  std::string out = "#pragma OPENCL FP_CONTRACT OFF\n";
  for (const std::size_t i : pieces_) {
    const Piece& piece = all_pieces()[i];
    out += "#ifndef XPUQ_HAS_" + std::string(piece.name) + "\n#define XPUQ_HAS_" + std::string(piece.name) + "\n";
    out += piece.text;
    out += "#endif\n";
  }
  return out;
}

}  // namespace xpuq::opencl
