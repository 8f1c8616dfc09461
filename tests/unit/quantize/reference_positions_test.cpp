// Where the PyTorch reference puts observers, and which of them share one object, against our annotation: recorded for
// nine networks in tests/fixtures/models/*/ref.json.
#include <filesystem>
#include <map>
#include <set>

#include "catch.h"
#include "driver/importers.h"
#include "quantize/annotate.h"
#include "support/json.h"

using namespace xpuq;

namespace {

struct Observed {
  std::string value;
  int group;
};

/// The reference's list in our names: batch norms are folded, so a convolution's value is named by the batch norm
/// behind it.
std::vector<Observed> reference_list(const Json& ref) {
  std::map<std::string, std::string> renamed;
  for (const Json& node : ref["nodes"]) {
    const std::string op = node["op"], name = node["name"];
    if (node["args"].empty()) continue;
    const std::string first = node["args"][0];
    if (op.find("batch_norm") != std::string::npos) renamed[first] = name;
  }
  std::vector<Observed> out;
  for (const Json& o : ref["observers"]) {
    std::string value = o["value"];
    while (renamed.contains(value)) value = renamed[value];
    out.push_back({value, o["group"].get<int>()});
  }
  return out;
}

std::set<std::string> names(const std::vector<Observed>& list) {
  std::set<std::string> out;
  for (const Observed& o : list) out.insert(o.value);
  return out;
}

/// The name of the node whose second operation made the value: "select.1" (a slice, then a reshape) -> "select".
std::string plain_name(const std::string& name) { return name.substr(0, name.find('.')); }

/// Groups as sets of value names, blind to their numbers.
std::set<std::set<std::string>> partition(const std::vector<Observed>& list) {
  std::map<int, std::set<std::string>> groups;
  for (const Observed& o : list) groups[o.group].insert(o.value);
  std::set<std::set<std::string>> out;
  for (auto& [number, members] : groups) out.insert(members);
  return out;
}

}  // namespace

TEST_CASE("observers stand where the reference has them and are shared as there") {
  const std::string fixtures = std::string(XPUQ_FIXTURES) + "/models/";
  for (const std::string name : {"resnet", "mobilenetv2", "mobilenetv3", "vgg", "inception", "vit", "digits", "squeezenet", "efficientnet"}) {
    INFO(name);
    const std::string model = name == "digits" ? std::string(XPUQ_MODELS) + "/digits/digits.pt2" : fixtures + name + "/" + name + ".pt2";
    const auto loaded = load_model(model, {});
    INFO((loaded.ok() ? std::string() : loaded.error().text()));
    REQUIRE(loaded.ok());
    const auto text = read_file(fixtures + name + "/ref.json", "E100");
    REQUIRE(text.ok());
    const auto ref = parse_json(*text, "E100", name);
    REQUIRE(ref.ok());

    const Graph& g = loaded->imported.graph;
    std::vector<Observed> ours;
    for (const ObservedValue& o : annotate(g, {}).observed) ours.push_back({plain_name(g.value(o.value).name), static_cast<int>(o.group)});
    const auto theirs = reference_list(*ref);
    REQUIRE(theirs.size() > 3);
    CHECK(names(ours) == names(theirs));
    CHECK(partition(ours) == partition(theirs));
  }
}
