#include "gpu/commands.h"

namespace xpuq::gpu {
namespace {

struct Collector {
  std::vector<BufferArgument>& out;

  void operator()(const Launch& launch) const {
    for (const Argument& a : launch.arguments)
      if (const auto* buffer = std::get_if<BufferArgument>(&a)) out.push_back(*buffer);
  }
  void operator()(const Fill& fill) const { out.push_back({fill.to, Access::write}); }
  void operator()(const UploadConstant& upload) const { out.push_back({upload.to, Access::write}); }
  void operator()(const UploadLiteral& upload) const { out.push_back({upload.to, Access::write}); }
  void operator()(const Copy& copy) const {
    out.push_back({copy.from, Access::read});
    out.push_back({copy.to, Access::write});
  }
};

}  // namespace

std::vector<BufferArgument> accesses(const Command& command) {
  std::vector<BufferArgument> out;
  std::visit(Collector{out}, command.what);
  return out;
}

std::string_view arena_name(Arena arena) {
  switch (arena) {
    case Arena::input: return "input";
    case Arena::output: return "output";
    case Arena::raw: return "raw";
    case Arena::constant: return "constant";
    case Arena::work: return "work";
  }
  return "?";
}

}  // namespace xpuq::gpu
