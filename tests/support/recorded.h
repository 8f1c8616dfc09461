// What the PyTorch reference recorded about a network (tests/fixtures/README.md), in our names.
#pragma once

#include <cstdlib>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "support/file.h"
#include "support/json.h"
#include "catch.h"

namespace xpuq::test {

/// The nine recorded networks.
inline const std::vector<std::string>& recorded_networks() {
  static const std::vector<std::string> names{"resnet", "mobilenetv2", "mobilenetv3", "vgg", "inception", "vit", "squeezenet", "efficientnet", "digits"};
  return names;
}
inline std::string recorded_model(const std::string& name) {
  return name == "digits" ? std::string(XPUQ_MODELS) + "/digits/digits.pt2"
                          : std::string(XPUQ_FIXTURES) + "/models/" + name + "/" + name + ".pt2";
}
inline Json recorded(const std::string& file) {
  const auto text = read_file(std::string(XPUQ_FIXTURES) + "/models/" + file, "E100");
  REQUIRE(text.ok());
  const auto json = parse_json(*text, "E100", file);
  REQUIRE(json.ok());
  return *json;
}

/// "0x1.8p-3"
inline float hex_float(const Json& text) { return std::strtof(text.get<std::string>().c_str(), nullptr); }

struct RecordedObserver {
  std::string value;
  int group;
  float scale;
  int zero_point;
};

/// The recorded observers. Batch norms are folded, so a convolution's value is named by the batch norm behind it.
inline std::vector<RecordedObserver> recorded_observers(const Json& nodes, const Json& observers) {
  std::map<std::string, std::string> renamed;
  for (const Json& node : nodes) {
    const std::string op = node["op"], name = node["name"];
    if (op.find("batch_norm") != std::string::npos) renamed[node["args"][0]] = name;
  }
  std::vector<RecordedObserver> out;
  for (const Json& o : observers) {
    std::string value = o["value"];
    while (renamed.contains(value)) value = renamed[value];
    out.push_back({value, o["group"].get<int>(), hex_float(o["scale"]), o["zero_point"].get<int>()});
  }
  return out;
}

/// The name of the node whose second operation made the value: "select.1" (a slice, then a reshape) -> "select".
inline std::string plain_name(const std::string& name) { return name.substr(0, name.find('.')); }

}  // namespace xpuq::test
