#include "opencl/kernel_text.h"

#include "opencl/c_type.h"
#include "opencl/number.h"

namespace xpuq::opencl {

std::string KernelText::parameter(KernelArgument argument, const std::string& name, const std::string& declaration) {
  kernel_.arguments.push_back(std::move(argument));
  names_.push_back(name);
  parameters_ += (parameters_.empty() ? "" : ", ") + declaration + name;
  return name;
}

std::string KernelText::read(std::uint32_t value, DataType dtype) {
  for (std::size_t i = 0; i < names_.size(); ++i) {
    const KernelArgument& a = kernel_.arguments[i];
    if (a.kind == KernelArgument::Kind::value && a.value == value && !a.written) return names_[i];
  }
  KernelArgument a;
  a.value = value;
  return parameter(std::move(a), "x" + std::to_string(reads_++),
                   "__global const " + std::string(c_type(dtype)) + "* restrict ");
}

std::string KernelText::write(std::uint32_t value, DataType dtype) {
  KernelArgument a;
  a.value = value;
  a.written = true;
  return parameter(std::move(a), "y" + std::to_string(writes_++),
                   "__global " + std::string(c_type(dtype)) + "* restrict ");
}

std::string KernelText::literal(std::vector<std::byte> bytes, DataType dtype) {
  KernelArgument a;
  a.kind = KernelArgument::Kind::literal;
  a.literal = std::move(bytes);
  return parameter(std::move(a), "l" + std::to_string(literals_++),
                   "__global const " + std::string(c_type(dtype)) + "* restrict ");
}

std::string KernelText::scratch(std::uint64_t bytes, std::string_view type, bool written) {
  KernelArgument a;
  a.kind = KernelArgument::Kind::scratch;
  a.scratch_bytes = bytes;
  a.written = written;
  return parameter(std::move(a), "w" + std::to_string(scratches_++), "__global " + std::string(type) + "* restrict ");
}

void KernelText::begin(const Launch& launch) {
  std::uint32_t group = launch.group;
  if (group == 0) group = launch.items >= 16384 ? 256 : 64;
  const std::int64_t groups = (launch.items + group - 1) / group;
  kernel_.group_size = {group, 1, 1};
  kernel_.group_count = {static_cast<std::uint32_t>(groups), 1, 1};
  const std::string type = wide_ ? "ulong" : "uint";
  // Not get_global_id, which would add an offset that no launch has.
  line("const " + type + " item = (" + type + ")get_group_id(0) * " + std::to_string(group) + "u + get_local_id(0);");
  if (launch.items % group != 0) line("if (item >= " + text(launch.items) + "u) return;");
}

void KernelText::decode(const std::string& from, std::span<const std::int64_t> sizes,
                        std::span<const std::string> names) {
  const std::string type = index_type();
  const std::string rest_type = wide_ ? "ulong" : "uint";
  std::string rest = from;
  for (std::size_t a = sizes.size(); a-- > 0;) {
    if (sizes[a] == 1) {
      line("const " + type + " " + names[a] + " = 0;");
    } else if (a == 0) {
      line("const " + type + " " + names[a] + " = (" + type + ")" + rest + ";");
    } else {
      line("const " + type + " " + names[a] + " = (" + type + ")(" + rest + " % " + text(sizes[a]) + "u);");
      const std::string next = "r" + names[a];
      line("const " + rest_type + " " + next + " = " + rest + " / " + text(sizes[a]) + "u;");
      rest = next;
    }
  }
}

Kernel KernelText::finish() {
  kernel_.name = "xpuq_" + kernel_.kind;
  const auto& g = kernel_.group_size;
  kernel_.source = prelude_.text() + functions_ + "__attribute__((reqd_work_group_size(" + std::to_string(g[0]) + ", " +
                   std::to_string(g[1]) + ", " + std::to_string(g[2]) + ")))\n__kernel void " + kernel_.name + "(" +
                   parameters_ + ") {\n" + body_ + "}\n";
  return std::move(kernel_);
}

}  // namespace xpuq::opencl
