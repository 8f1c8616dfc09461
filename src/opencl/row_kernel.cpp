#include "opencl/row_kernel.h"

#include <algorithm>

#include "opencl/number.h"

namespace xpuq::opencl {
namespace {

/// Drops axes of one element and joins those that both sides walk through without a jump.
std::vector<RowAxis> joined(const std::vector<RowAxis>& axes) {
  std::vector<RowAxis> out;
  for (const RowAxis& a : axes) {
    if (a.size == 1) continue;
    bool joins = !out.empty() && out.back().src == a.src * a.size && out.back().dst == a.dst * a.size;
    for (std::size_t k = 0; k < a.more.size() && joins; ++k) joins = out.back().more[k] == a.more[k] * a.size;
    if (joins) out.back() = {out.back().size * a.size, a.src, a.dst, a.more};
    else out.push_back(a);
  }
  return out;
}

template <class Stride>
std::string row_address(const std::vector<RowAxis>& axes, const std::string& prefix, Stride of) {
  std::string out;
  for (std::size_t i = 0; i < axes.size(); ++i) {
    const std::int64_t stride = of(axes[i]);
    if (stride == 0) continue;
    out += (out.empty() ? "" : " + ") + prefix + std::to_string(i) + (stride == 1 ? "" : " * " + text(stride));
  }
  return out.empty() ? "0" : out;
}

std::int64_t src_stride(const RowAxis& a) { return a.src; }
std::int64_t dst_stride(const RowAxis& a) { return a.dst; }

}  // namespace

RowKernel::RowKernel(std::string kind, std::vector<RowAxis> rows, std::vector<RowAxis> row)
    : text_(std::move(kind)), rows_(joined(rows)), row_(joined(row)) {
  std::int64_t reach = 0;
  for (const auto* axes : {&rows_, &row_})
    for (const RowAxis& a : *axes) reach += (a.size - 1) * std::max(a.src, a.dst);
  for (const RowAxis& a : rows_) row_count_ *= a.size;
  for (const RowAxis& a : row_) count_ *= a.size;
  if (reach + 1024 >= std::int64_t{1} << 31 || count_ + 1024 >= std::int64_t{1} << 31) text_.use_wide_indices();
  choose_lanes();
}

void RowKernel::choose_lanes() {
  const bool beside = !rows_.empty() && rows_.back().src == 1 && (row_.empty() || row_.back().src != 1);
  if (count_ <= 4 || (beside && row_count_ >= 1024) || (row_count_ >= 8192 && count_ <= 16)) {
    lanes_ = 1;
  } else {
    // About four elements a lane, so that the tree stays short beside the walk.
    while (lanes_ < 256 && lanes_ * 4 < count_) lanes_ *= 2;
  }
  group_ = std::max<std::int64_t>(lanes_, 64);
}

void RowKernel::begin() {
  const std::int64_t rows_a_group = group_ / lanes_;
  const std::int64_t groups = (row_count_ + rows_a_group - 1) / rows_a_group;
  text_.begin({.items = groups * group_, .group = static_cast<std::uint32_t>(group_)});
  const std::string type = text_.index_type();
  text_.line("const " + type + " lane = (" + type + ")(item % " + text(lanes_) + "u);");
  const std::string unsigned_type = "u" + type;
  // Lanes of rows that do not exist repeat the last one, because all of them must reach the barriers.
  const bool partial = row_count_ % rows_a_group != 0;
  text_.line("const " + unsigned_type + " row = " + (partial ? "min(" : "") + "item / " + text(lanes_) + "u" +
             (partial ? ", (" + unsigned_type + ")" + text(row_count_ - 1) + ")" : "") + ";");
  std::vector<std::int64_t> sizes;
  std::vector<std::string> names;
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    sizes.push_back(rows_[i].size);
    names.push_back("i" + std::to_string(i));
  }
  text_.decode("row", sizes, names);
  text_.line("const " + type + " src_row = " + row_address(rows_, "i", src_stride) + ";");
  text_.line("const " + type + " dst_row = " + row_address(rows_, "i", dst_stride) + ";");
}

std::string RowKernel::place(std::size_t k) const {
  const auto stride = [k](const RowAxis& a) { return a.more[k]; };
  return row_address(rows_, "i", stride) + " + " + row_address(row_, "j", stride);
}

void RowKernel::each(const std::string& body, bool long_body) {
  const std::string type = text_.index_type();
  // As many turns for every lane, so that compilers unroll them and have several loads under way.
  const std::int64_t turns = (count_ + lanes_ - 1) / lanes_;
  const char* hint = long_body && turns > 2 ? "__attribute__((opencl_unroll_hint(2))) "
                     : turns > 8            ? "__attribute__((opencl_unroll_hint(4))) "
                                            : "";
  text_.line(hint + ("for (" + type + " turn = 0; turn < " + text(turns) + "; ++turn) {"));
  text_.line("  const " + type + " j = " + (lanes_ == 1 ? "turn" : "turn * " + text(lanes_) + " + lane") + ";");
  if (count_ % lanes_ != 0) text_.line("  if (j >= " + text(count_) + ") break;");
  std::string rest = "j";
  std::vector<std::string> names(row_.size());
  for (std::size_t a = row_.size(); a-- > 0;) {
    names[a] = "j" + std::to_string(a);
    // Unsigned, where a division by a constant is a multiplication.
    const std::string u = "(u" + type + ")";
    if (row_.size() == 1) text_.line("  const " + type + " j0 = j;");
    else if (a == 0) text_.line("  const " + type + " j0 = " + rest + ";");
    else {
      text_.line("  const " + type + " " + names[a] + " = (" + type + ")(" + u + rest + " % " + text(row_[a].size) + "u);");
      text_.line("  const " + type + " q" + names[a] + " = (" + type + ")(" + u + rest + " / " + text(row_[a].size) + "u);");
      rest = "q" + names[a];
    }
  }
  if (body.find("src_at") != std::string::npos) text_.line("  const " + type + " src_at = src_row + " + row_address(row_, "j", src_stride) + ";");
  if (body.find("dst_at") != std::string::npos) text_.line("  const " + type + " dst_at = dst_row + " + row_address(row_, "j", dst_stride) + ";");
  text_.line("  " + body);
  text_.line("}");
}

void RowKernel::combine(const std::string& variable, const std::string& type, const std::string& expression) {
  if (lanes_ == 1) return;
  const std::string local = "local_" + std::to_string(locals_++), id = "get_local_id(0)";
  text_.line("__local " + type + " " + local + "[" + text(group_) + "];");
  text_.line(local + "[" + id + "] = " + variable + ";");
  text_.line("barrier(CLK_LOCAL_MEM_FENCE);");
  text_.line("for (int h = " + text(lanes_ / 2) + "; h > 0; h /= 2) {");
  text_.line("  if (lane < h) {");
  text_.line("    const " + type + " a = " + local + "[" + id + "], b = " + local + "[" + id + " + h];");
  text_.line("    " + local + "[" + id + "] = " + expression + ";");
  text_.line("  }");
  text_.line("  barrier(CLK_LOCAL_MEM_FENCE);");
  text_.line("}");
  text_.line(variable + " = " + local + "[" + id + " - lane];");
}

void RowKernel::once(const std::string& statement) {
  text_.line(lanes_ == 1 ? statement : "if (lane == 0) " + statement);
}

}  // namespace xpuq::opencl
