#include "gpu/program_json.h"

namespace xpuq::gpu {
namespace {

// Lists instead of maps for what occurs hundreds of times: [arena, offset, bytes].
Json range_json(const Range& r) { return Json::array({static_cast<std::uint64_t>(r.arena), r.offset, r.bytes}); }

Json bytes_json(const std::vector<std::uint8_t>& bytes) { return Json::binary(bytes); }

Json argument_json(const Argument& argument) {
  if (const auto* buffer = std::get_if<BufferArgument>(&argument)) {
    Json j = range_json(buffer->range);
    j.push_back(static_cast<std::uint64_t>(buffer->access));
    return j;
  }
  if (const auto* value = std::get_if<ValueArgument>(&argument)) return bytes_json(value->bytes);
  if (const auto* local = std::get_if<LocalArgument>(&argument)) return local->bytes;
  return nullptr;
}

struct CommandWriter {
  Json& j;

  void operator()(const Launch& l) const {
    j["launch"] = l.kernel;
    j["module"] = l.module;
    j["size"] = l.group_size;
    j["count"] = l.group_count;
    Json arguments = Json::array();
    for (const Argument& a : l.arguments) arguments.push_back(argument_json(a));
    j["arguments"] = std::move(arguments);
  }
  void operator()(const Fill& f) const {
    j["fill"] = range_json(f.to);
    j["pattern"] = bytes_json(f.pattern);
  }
  void operator()(const UploadConstant& u) const {
    j["constant"] = range_json(u.to);
    j["from"] = u.from;
  }
  void operator()(const UploadLiteral& u) const {
    j["literal"] = range_json(u.to);
    j["from"] = u.from;
  }
  void operator()(const Copy& c) const {
    j["copy"] = range_json(c.to);
    j["from"] = range_json(c.from);
  }
};

Json commands_json(const std::vector<Command>& commands) {
  Json list = Json::array();
  for (const Command& c : commands) {
    Json j = Json::object();
    std::visit(CommandWriter{j}, c.what);
    j["step"] = c.step;
    if (c.barrier) j["barrier"] = true;
    list.push_back(std::move(j));
  }
  return list;
}

}  // namespace

Json to_json(const Program& p) {
  Json j = Json::object();
  j["device"] = {{"ip_version", p.device.ip_version}, {"slices", p.device.slices}, {"subslices", p.device.subslices},
                 {"eus", p.device.eus}, {"threads", p.device.threads}};
  j["library"] = p.library;
  j["plan"] = p.plan;
  j["plan_sha256"] = p.plan_sha256;
  j["arenas"] = p.arena_bytes;
  j["literals"] = bytes_json(p.literals);
  j["setup"] = commands_json(p.setup);
  j["inference"] = commands_json(p.inference);
  Json steps = Json::array();
  for (const StepRecord& s : p.steps) {
    Json step = Json::array({s.primitive, s.implementation});
    if (s.fused_into) step.push_back(*s.fused_into);
    steps.push_back(std::move(step));
  }
  j["steps"] = std::move(steps);
  Json values = Json::array();
  for (const auto& v : p.values) values.push_back(v ? range_json(*v) : Json(nullptr));
  j["values"] = std::move(values);
  return j;
}

}  // namespace xpuq::gpu
