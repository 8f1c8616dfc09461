#include <array>

#include "ops/op.h"
#include "support/check.h"

namespace xpuq {
namespace {

constexpr OpSchema kSchemas[] = {
#define XPUQ_OP(name, least, most, outputs, group, attributes) {OpKind::name, #name, least, most, outputs, attributes},
#include "ops/ops.def"
#undef XPUQ_OP
};

constexpr std::string_view kGroups[] = {
#define XPUQ_OP(name, least, most, outputs, group, attributes) #group,
#include "ops/ops.def"
#undef XPUQ_OP
};

}  // namespace

const OpSchema& schema(OpKind kind) {
  const auto index = static_cast<std::size_t>(kind);
  XPUQ_CHECK(index < std::size(kSchemas), "not an operation");
  return kSchemas[index];
}

std::span<const OpSchema> all_ops() { return kSchemas; }

std::string_view to_string(OpKind kind) { return schema(kind).name; }

std::optional<OpKind> parse_op(std::string_view name) {
  for (const OpSchema& s : kSchemas)
    if (s.name == name) return s.kind;
  return std::nullopt;
}

bool is_no_op(OpKind kind, std::size_t inputs) { return kind == OpKind::dropout || (kind == OpKind::concat && inputs == 1); }

bool is_unary(OpKind kind) { return kGroups[static_cast<std::size_t>(schema(kind).kind)] == "unary"; }
bool is_binary(OpKind kind) { return kGroups[static_cast<std::size_t>(schema(kind).kind)] == "binary"; }

bool moves_elements(OpKind kind, const Attributes& attributes) {
  switch (kind) {
    case OpKind::concat:
    case OpKind::reshape:
    case OpKind::flatten:
    case OpKind::transpose:
    case OpKind::slice:
    case OpKind::expand:
    case OpKind::gather:
    case OpKind::gather_elements:
    case OpKind::gather_nd:
    case OpKind::reorder:
      return true;
    case OpKind::pad:
      // Real zero is always a code; another constant may have none.
      return attributes.get_string("mode") != "constant" || attributes.get_float("value", 0) == 0;
    case OpKind::resize:
      return attributes.get_string("mode") == "nearest";
    default:
      return false;
  }
}

}  // namespace xpuq
