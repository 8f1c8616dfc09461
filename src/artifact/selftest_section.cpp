#include "artifact/selftest_section.h"

#include <cstring>
#include <limits>

#include "artifact/fields.h"

namespace xpuq::artifact {
namespace {

Json tensor_json(const Tensor& tensor) {
  Json::binary_t::container_type bytes(tensor.bytes());
  if (!bytes.empty()) std::memcpy(bytes.data(), tensor.raw(), bytes.size());
  Json out = Json::object();
  out["type"] = std::string(to_string(tensor.dtype()));
  out["shape"] = tensor.shape();
  out["bytes"] = Json::binary(std::move(bytes));
  return out;
}

Result<Tensor> read_tensor(const Json& json, std::string where, const TensorType& wanted, const Source& source) {
  XPUQ_ASSIGN(const Fields f, Fields::of(json, std::move(where), source));
  XPUQ_ASSIGN(const DataType dtype, f.data_type("type"));
  XPUQ_ASSIGN(Shape shape, f.shape("shape"));
  if (dtype != wanted.dtype || shape != wanted.shape)
    return f.error("another type than the plan's output", std::string(to_string(dtype)) + " " + to_string(shape),
                   std::string(to_string(wanted.dtype)) + " " + to_string(wanted.shape));
  XPUQ_ASSIGN(const std::vector<std::uint8_t>* bytes, f.bytes("bytes"));
  // The plan verifier has bounded the size, so it does not overflow; only now is memory taken for it.
  if (bytes->size() != wanted.bytes())
    return f.error("another size than its type", std::to_string(bytes->size()) + " bytes",
                   std::to_string(wanted.bytes()) + " bytes");
  Tensor out(dtype, std::move(shape));
  if (!bytes->empty()) std::memcpy(out.raw(), bytes->data(), bytes->size());
  return out;
}

Result<SelfTest> read_test(const Json& json, std::string where, std::span<const Plan> plans, const Source& source) {
  XPUQ_ASSIGN(const Fields f, Fields::of(json, std::move(where), source));
  SelfTest test;
  XPUQ_ASSIGN(const std::uint64_t plan, f.whole("plan", plans.size() - 1));
  test.plan = static_cast<std::uint32_t>(plan);
  XPUQ_ASSIGN(test.seed, f.whole("seed", std::numeric_limits<std::uint64_t>::max()));
  XPUQ_ASSIGN(test.rtol, f.real("rtol"));
  XPUQ_ASSIGN(test.atol, f.real("atol"));
  if (test.rtol < 0 || test.atol < 0) return f.error("a tolerance is negative");
  XPUQ_ASSIGN(const Json* expected, f.array("expected"));
  const Plan& of = plans[plan];
  if (expected->size() != of.outputs.size())
    return f.error("another number of outputs than the plan", std::to_string(expected->size()),
                   std::to_string(of.outputs.size()));
  for (std::size_t i = 0; i < expected->size(); ++i) {
    const TensorType& wanted = of.values[of.outputs[i]].type;
    const std::string output = f.where() + ": output " + std::to_string(i);
    XPUQ_ASSIGN(Tensor tensor, read_tensor((*expected)[i], output, wanted, source));
    test.expected.push_back(std::move(tensor));
  }
  return test;
}

}  // namespace

Json self_tests_to_json(std::span<const SelfTest> tests) {
  Json list = Json::array();
  for (const SelfTest& test : tests) {
    Json expected = Json::array();
    for (const Tensor& t : test.expected) expected.push_back(tensor_json(t));
    Json entry = Json::object();
    entry["plan"] = test.plan;
    entry["seed"] = test.seed;
    entry["rtol"] = static_cast<double>(test.rtol);
    entry["atol"] = static_cast<double>(test.atol);
    entry["expected"] = std::move(expected);
    list.push_back(std::move(entry));
  }
  Json out = Json::object();
  out["self_tests"] = std::move(list);
  return out;
}

Result<std::vector<SelfTest>> self_tests_from_json(const Json& section, std::span<const Plan> plans,
                                                   const Source& source) {
  XPUQ_ASSIGN(const Fields f, Fields::of(section, "section 'TEST'", source));
  XPUQ_ASSIGN(const Json* list, f.array("self_tests"));
  std::vector<SelfTest> out;
  for (const Json& e : *list) {
    const std::string where = f.where() + ": self-test " + std::to_string(out.size());
    XPUQ_ASSIGN(SelfTest test, read_test(e, where, plans, source));
    out.push_back(std::move(test));
  }
  return out;
}

}  // namespace xpuq::artifact
