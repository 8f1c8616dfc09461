// Where the PyTorch reference puts observers, and which of them share one object, against our annotation: recorded for
// nine networks (ref.json), and for other configurations than the default (recipes.json).
#include "driver/importers.h"
#include "quantize/annotate.h"
#include "quantize/recipe_file.h"
#include "recorded.h"

using namespace xpuq;
using namespace xpuq::test;

namespace {

/// Groups as multisets of value names, blind to their numbers.
using Partition = std::multiset<std::multiset<std::string>>;

template <class List, class Name, class Group>
Partition partition(const List& list, const Name& name, const Group& group) {
  std::map<int, std::multiset<std::string>> groups;
  for (const auto& o : list) groups[static_cast<int>(group(o))].insert(name(o));
  Partition out;
  for (auto& [number, members] : groups) out.insert(members);
  return out;
}

Partition reference_partition(const Json& nodes, const Json& observers) {
  return partition(recorded_observers(nodes, observers), [](const RecordedObserver& o) { return o.value; },
                   [](const RecordedObserver& o) { return o.group; });
}

Graph graph_of(const std::string& network) {
  auto loaded = load_model(recorded_model(network), {});
  INFO((loaded.ok() ? std::string() : loaded.error().text()));
  REQUIRE(loaded.ok());
  return std::move(loaded->imported.graph);
}

Partition our_partition(const Graph& g, const Recipe& recipe) {
  return partition(annotate(g, recipe).observed, [&](const ObservedValue& o) { return plain_name(g.value(o.value).name); },
                   [](const ObservedValue& o) { return o.group; });
}

}  // namespace

TEST_CASE("observers stand where the reference has them and are shared as there") {
  for (const std::string& name : recorded_networks()) {
    INFO(name);
    const Json ref = recorded(name + "/ref.json");
    const Partition theirs = reference_partition(ref["nodes"], ref["observers"]);
    REQUIRE(theirs.size() > 3);
    CHECK(our_partition(graph_of(name), {}) == theirs);
  }
}

TEST_CASE("other configurations give the reference's observers too") {
  const Json cases = recorded("recipes.json");
  REQUIRE(cases.size() >= 17);
  for (const Json& c : cases) {
    const std::string name = c["model"];
    INFO(name << " " << c["recipe"].dump());
    const Graph g = graph_of(name);
    const auto recipe = read_recipe(c["recipe"].dump(), "recipe");
    INFO((recipe.ok() ? std::string() : recipe.error().text()));
    REQUIRE(recipe.ok());
    CHECK(check_recipe(*recipe, g).ok());
    CHECK(our_partition(g, *recipe) == reference_partition(recorded(name + "/ref.json")["nodes"], c["observers"]));
    // A symmetric observer has zero point 0 in the record, whatever the data.
    std::map<std::string, int> symmetric, zero;
    for (const ObservedValue& o : annotate(g, *recipe).observed)
      if (o.scheme == qmath::Scheme::symmetric) ++symmetric[plain_name(g.value(o.value).name)];
    for (const RecordedObserver& o : recorded_observers(recorded(name + "/ref.json")["nodes"], c["observers"]))
      if (o.zero_point == 0) ++zero[o.value];
    for (const auto& [value, count] : symmetric) {
      INFO(value);
      CHECK(count <= zero[value]);
    }
  }
}
