#include "import/onnx/functions.h"

#include <google/protobuf/unknown_field_set.h>

#include <map>
#include <set>

#include "import/onnx/import.h"
#include "import/onnx/reader.h"

namespace xpuq::onnx_import {
namespace {

constexpr std::size_t kMostNodes = 200'000;
constexpr int kDeepestCall = 64;

using AttributeMap = std::map<std::string, onnx::AttributeProto>;

/// Default values (FunctionProto.attribute_proto, field 11) came with IR version 9; a schema from before, as Debian 12
/// ships, keeps them as unknown bytes.
AttributeMap default_attributes(const onnx::FunctionProto& function) {
  AttributeMap out;
  const auto keep = [&](const onnx::AttributeProto& a) { out[a.name()] = a; };
  if (const auto* field = function.GetDescriptor()->FindFieldByName("attribute_proto")) {
    const auto* reflection = function.GetReflection();
    for (int i = 0; i < reflection->FieldSize(function, field); ++i)
      keep(static_cast<const onnx::AttributeProto&>(reflection->GetRepeatedMessage(function, field, i)));
    return out;
  }
  const auto& unknown = function.GetReflection()->GetUnknownFields(function);
  for (int i = 0; i < unknown.field_count(); ++i) {
    const auto& field = unknown.field(i);
    onnx::AttributeProto a;
    if (field.number() == 11 && field.type() == google::protobuf::UnknownField::TYPE_LENGTH_DELIMITED &&
        a.ParseFromString(field.length_delimited()))
      keep(a);
  }
  return out;
}

class Expander {
 public:
  explicit Expander(Session& session) : session_(session) {
    for (const auto& f : session.model().functions()) functions_[key(f.domain(), f.name())].push_back(&f);
  }

  Result<void> add(const onnx::NodeProto& node, std::int64_t opset, int depth) {
    if (out_.size() + session_.kept() > kMostNodes)
      return file_error(session_.file(), "E306", "functions unfold to too many nodes",
                        "more than " + std::to_string(kMostNodes));
    const auto it = functions_.find(key(node.domain(), node.op_type()));
    if (it == functions_.end()) {
      out_.push_back({&node, opset});
      return {};
    }
    if (it->second.size() > 1)
      return problem(node, "E301", "function '" + it->first + "' has several definitions, which is not supported");
    if (depth >= kDeepestCall)
      return problem(node, "E306", "function '" + it->first + "' calls itself, or calls are nested too deep");
    return inline_call(node, *it->second[0], opset, depth);
  }

  std::vector<FlatNode> take() { return std::move(out_); }

 private:
  static std::string key(const std::string& domain, const std::string& name) {
    return is_default_domain(domain) ? name : domain + "." + name;
  }

  Error problem(const onnx::NodeProto& node, std::string code, std::string what) const {
    Error e = file_error(session_.file(), std::move(code), std::move(what));
    e.node = origin_of(node);
    return e;
  }

  Result<void> inline_call(const onnx::NodeProto& call, const onnx::FunctionProto& f, std::int64_t opset, int depth) {
    std::int64_t inner_opset = opset;
    if (f.opset_import_size() > 0) {
      XPUQ_ASSIGN(inner_opset, default_opset(session_.file(), f.opset_import(), "function '" + f.name() + "' uses"));
    }
    if (call.input_size() > f.input_size() || call.output_size() > f.output_size())
      return problem(call, "E306", "has more inputs or outputs than function '" + f.name() + "'");

    const std::string prefix = unique_prefix(origin_of(call));
    std::map<std::string, std::string> names{{"", ""}};
    for (int i = 0; i < f.input_size(); ++i) names[f.input(i)] = i < call.input_size() ? call.input(i) : "";
    for (int i = 0; i < f.output_size(); ++i) {
      if (i >= call.output_size() || call.output(i).empty()) continue;
      // An input handed through, or one value handed out twice, needs a node of its own.
      if (names.contains(f.output(i))) {
        onnx::NodeProto copy;
        copy.set_op_type("Identity");
        copy.add_input(names[f.output(i)]);
        copy.add_output(call.output(i));
        out_.push_back({&session_.keep(std::move(copy)), inner_opset});
      } else {
        names[f.output(i)] = call.output(i);
      }
    }
    AttributeMap given = default_attributes(f);
    for (const auto& a : call.attribute()) given[a.name()] = a;
    for (const auto& node : f.node()) {
      XPUQ_ASSIGN(onnx::NodeProto renamed, instance(call, node, prefix, names, given));
      XPUQ_TRY(add(session_.keep(std::move(renamed)), inner_opset, depth + 1));
    }
    return {};
  }

  Result<onnx::NodeProto> instance(const onnx::NodeProto& call, const onnx::NodeProto& node, const std::string& prefix,
                                   const std::map<std::string, std::string>& names, const AttributeMap& given) const {
    const auto renamed = [&](const std::string& name) {
      const auto it = names.find(name);
      return it != names.end() ? it->second : prefix + name;
    };
    onnx::NodeProto out = node;
    out.set_name(prefix + origin_of(node));
    for (std::string& name : *out.mutable_input()) name = renamed(name);
    for (std::string& name : *out.mutable_output()) name = renamed(name);
    out.clear_attribute();
    for (const auto& a : node.attribute()) {
      if (a.has_g() || a.graphs_size() > 0)
        return problem(call, "E301", "control flow inside a function is not supported");
      if (a.ref_attr_name().empty()) {
        *out.add_attribute() = a;
      } else if (const auto it = given.find(a.ref_attr_name()); it != given.end()) {
        *out.add_attribute() = it->second;  // otherwise the operator's own default holds
        out.mutable_attribute(out.attribute_size() - 1)->set_name(a.name());
      }
    }
    return out;
  }

  std::string unique_prefix(const std::string& name) {
    std::string out = name + "/";
    for (int n = 2; !prefixes_.insert(out).second; ++n) out = name + "#" + std::to_string(n) + "/";
    return out;
  }

  Session& session_;
  std::map<std::string, std::vector<const onnx::FunctionProto*>> functions_;
  std::set<std::string> prefixes_;
  std::vector<FlatNode> out_;
};

}  // namespace

bool is_default_domain(const std::string& domain) { return domain.empty() || domain == "ai.onnx"; }

Result<std::int64_t> default_opset(const std::string& file, const OpsetImports& imports, const std::string& whose) {
  std::int64_t version = -1;
  for (const auto& import : imports) {
    if (!is_default_domain(import.domain())) continue;
    if (version >= 0 && version != import.version())
      return file_error(file, "E303", whose + " two opsets at once",
                        std::to_string(version) + " and " + std::to_string(import.version()), "one");
    version = import.version();
  }
  const std::string range = "opset " + std::to_string(kOldestOpset) + " to " + std::to_string(kNewestOpset);
  if (version < 0)
    return file_error(file, "E303", whose + " no opset", "no version of the default domain", range,
                      "export the model again");
  if (version > kNewestOpset)
    return file_error(file, "E303", whose + " a newer opset than this program knows",
                      "opset " + std::to_string(version), range,
                      "export with opset_version=" + std::to_string(kNewestOpset));
  if (version < kOldestOpset)
    return file_error(file, "E303", whose + " an opset that is too old", "opset " + std::to_string(version), range,
                      "convert with onnx.version_converter, or export with opset_version=17");
  return version;
}

Result<std::vector<FlatNode>> expand_functions(Session& session,
                                               const google::protobuf::RepeatedPtrField<onnx::NodeProto>& nodes,
                                               std::int64_t opset) {
  Expander expander(session);
  for (const auto& node : nodes) XPUQ_TRY(expander.add(node, opset, 0));
  return expander.take();
}

}  // namespace xpuq::onnx_import
