#include "gpu/exchange.h"

#include "artifact/cbor.h"
#include "artifact/fields.h"
#include "gpu/program_json.h"

namespace xpuq::gpu {
namespace {

constexpr const char* kWho = "the recording process";

constexpr std::pair<const char*, std::string Error::*> kErrorFields[] = {
    {"code", &Error::code}, {"who", &Error::who}, {"what", &Error::what}, {"got", &Error::got},
    {"expected", &Error::expected}, {"remedy", &Error::remedy}, {"node", &Error::node}};

Result<std::vector<Program>> read(std::span<const std::byte> bytes) {
  XPUQ_ASSIGN(const Json tree, artifact::decode_cbor(bytes, "its answer", kWho));
  const artifact::Source source{kWho, {}};
  XPUQ_ASSIGN(const artifact::Fields f, artifact::Fields::of(tree, "its answer", source));
  if (f.has("code")) {
    Error error;
    for (const auto& [key, member] : kErrorFields) {
      XPUQ_ASSIGN(error.*member, f.text(key));
    }
    return error;
  }
  std::vector<Program> programs;
  XPUQ_ASSIGN(const Json* list, f.array("programs"));
  for (const Json& json : *list) {
    XPUQ_ASSIGN(const artifact::Fields p, artifact::Fields::of(json, "a program", source));
    XPUQ_ASSIGN(const Json* modules, p.array("modules"));
    XPUQ_ASSIGN(Program program, program_from_json(json, modules->size(), source));
    for (const Json& module : *modules) {
      if (!module.is_binary()) return p.error("a module is no bytes");
      program.modules.push_back(module.get_binary());
    }
    programs.push_back(std::move(program));
  }
  return programs;
}

}  // namespace

std::string encode_answer(const Result<std::vector<Program>>& answer) {
  Json j = Json::object();
  if (!answer.ok()) {
    for (const auto& [key, member] : kErrorFields) j[key] = answer.error().*member;
    return artifact::encode_cbor(j);
  }
  Json list = Json::array();
  for (const Program& p : *answer) {
    Json program = to_json(p);
    Json modules = Json::array();
    for (const auto& module : p.modules) modules.push_back(Json::binary(module));
    program["modules"] = std::move(modules);
    list.push_back(std::move(program));
  }
  j["programs"] = std::move(list);
  return artifact::encode_cbor(j);
}

Result<std::vector<Program>> decode_answer(std::span<const std::byte> bytes) {
  auto programs = read(bytes);
  if (!programs.ok() && programs.error().who == kWho)  // not an artifact's damage: ours
    return make_error("E101", kWho, "gave an answer that cannot be read", programs.error().what);
  return programs;
}

}  // namespace xpuq::gpu
