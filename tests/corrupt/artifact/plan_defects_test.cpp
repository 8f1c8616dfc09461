// Artifacts with sound checksums and one defect inside a plan or self-test, named by it.
#include "catch.h"
#include "forge.h"

namespace xpuq {
namespace {

using namespace artifact_test;

struct Defect {
  std::string name, code, text;
  std::function<void(Json&)> change;  ///< of plan 0
};

void check_refused(const std::string& name, const std::string& code, const std::string& text, const std::string& file) {
  INFO(name);
  const auto got = read_artifact(as_span(file), nullptr, "model.xpuq");
  REQUIRE(!got.ok());
  INFO(got.error().text());
  CHECK(got.error().code == code);
  CHECK(got.error().who == "model.xpuq");
  CHECK_THAT(got.error().text(), ContainsSubstring(text));
}

// Values: 0 image, 1 quantized, 2 weights, 3 bias, 4 conv, 5 float, 6 big, 7 output, 8 flat, 9 cut, 10 logits.
// Steps: 0 quantize, 1 conv, 2 dequantize, 3 resize, 4 clip, 5 reshape, 6 slice, 7 leaky_relu.
Json& value(Json& plan, int v) { return plan["values"][static_cast<std::size_t>(v)]; }
Json& step(Json& plan, int s) { return plan["steps"][static_cast<std::size_t>(s)]; }

std::vector<Defect> form_defects() {
  return {
      {"values_missing", "E502", "plan 0: 'values' is missing", [](Json& p) { p.erase("values"); }},
      {"steps_not_a_list", "E502", "'steps' has a wrong value", [](Json& p) { p["steps"] = 7; }},
      {"step_not_a_map", "E502", "plan 0: step 2 is not a map", [](Json& p) { step(p, 2) = "relu"; }},
      {"value_not_a_map", "E502", "plan 0: value 3 is not a map", [](Json& p) { value(p, 3) = nullptr; }},
      {"name_not_text", "E502", "value 2: 'name'", [](Json& p) { value(p, 2)["name"] = 1; }},
      {"arena_negative", "E502", "'arena_bytes'", [](Json& p) { p["arena_bytes"] = -64; }},
      {"arena_a_float", "E502", "'arena_bytes'", [](Json& p) { p["arena_bytes"] = 4096.0; }},
      {"dimension_negative", "E502", "value 4: 'shape'", [](Json& p) { value(p, 4)["shape"][0] = -1; }},
      {"dimension_huge", "E502", "impossibly large",
       [](Json& p) { value(p, 4)["shape"] = {std::int64_t{1} << 40, std::int64_t{1} << 40}; }},
      {"dimension_unsigned_64", "E502", "value 4: 'shape'",
       [](Json& p) { value(p, 4)["shape"][0] = ~std::uint64_t{0}; }},
      {"rank_too_high", "E502", "rank 17", [](Json& p) { value(p, 4)["shape"] = std::vector<int>(17, 1); }},
      {"scales_cut", "E502", "'scales' is cut",
       [](Json& p) { value(p, 2)["quant"]["scales"] = Json::binary({1, 2, 3}); }},
      {"scales_a_list", "E502", "'scales'", [](Json& p) { value(p, 2)["quant"]["scales"] = {1.0}; }},
      {"zero_point_wide", "E502", "zero point",
       [](Json& p) { value(p, 1)["quant"]["zero_points"] = {std::int64_t{1} << 32}; }},
      {"index_negative", "E502", "'inputs' has a wrong value", [](Json& p) { step(p, 1)["inputs"][0] = -1; }},
      {"origin_not_text", "E502", "'origin'", [](Json& p) { step(p, 1)["origin"] = {1}; }},
      {"attributes_a_list", "E502", "'attributes' is not a map", [](Json& p) { step(p, 1)["attributes"] = {1}; }},
      {"attribute_not_a_pair", "E502", "'groups' is not a pair",
       [](Json& p) { step(p, 1)["attributes"]["groups"] = 1; }},
      {"attribute_not_its_kind", "E502", "'groups' is not of its kind",
       [](Json& p) { step(p, 1)["attributes"]["groups"] = {"i", 1.0}; }},
      {"attribute_list_mixed", "E502", "'strides' is not of its kind",
       [](Json& p) { step(p, 1)["attributes"]["strides"] = {"I", {1, "1"}}; }},
  };
}

std::vector<Defect> newer_defects() {
  return {
      {"unknown_op", "E501", "step 2: operation 'attention' is not known",
       [](Json& p) { step(p, 2)["op"] = "attention"; }},
      {"unknown_attribute", "E501", "attribute of conv 'sparsity' is not known",
       [](Json& p) { step(p, 1)["attributes"]["sparsity"] = {"i", 1}; }},
      {"attribute_name_with_space", "E501", "is not known",
       [](Json& p) { step(p, 1)["attributes"]["groups:i post_ops"] = {"i", 1}; }},
      {"unknown_attribute_kind", "E501", "kind of attribute 'T'",
       [](Json& p) { step(p, 1)["attributes"]["groups"] = {"T", 1}; }},
      {"unknown_type", "E501", "element type 's4'", [](Json& p) { value(p, 2)["type"] = "s4"; }},
      {"unknown_layout", "E501", "layout 'blocked16'", [](Json& p) { value(p, 4)["layout"] = "blocked16"; }},
      {"unknown_place", "E501", "place 'disk'", [](Json& p) { value(p, 2)["place"] = "disk"; }},
      {"terminal_escape", "E501", "'?[2J'", [](Json& p) { step(p, 2)["op"] = "\x1b[2J"; }},
  };
}

std::vector<Defect> unsound_defects() {
  const std::string unsound = "plan 0 is not sound: ";
  return {
      {"index_out_of_range", "E502", unsound + "step 1 (conv) reads a value that does not exist",
       [](Json& p) { step(p, 1)["inputs"][0] = 11; }},
      {"read_before_written", "E502", "before it is written", [](Json& p) { std::swap(step(p, 0), step(p, 1)); }},
      {"written_twice", "E502", "a second time", [](Json& p) { p["steps"].insert(p["steps"].begin(), step(p, 0)); }},
      {"constant_written", "E502", "read-only", [](Json& p) { step(p, 0)["outputs"][0] = 2; }},
      {"output_never_written", "E502", "never written", [](Json& p) { p["steps"].erase(p["steps"].size() - 1); }},
      {"arena_too_small", "E502", "outside its area", [](Json& p) { p["arena_bytes"] = 64; }},
      {"offset_misaligned", "E502", "not aligned", [](Json& p) { value(p, 3)["offset"] = 130; }},
      {"offset_beyond_constants", "E502", "outside its area",
       [](Json& p) { value(p, 3)["offset"] = std::int64_t{1} << 62; }},
      {"values_overlap", "E502", "still to be read", [](Json& p) {
         for (Json& v : p["values"])
           if (v["place"] == "arena") v["offset"] = 0;
       }},
      {"in_place_out_of_range", "E502", "in place of an input", [](Json& p) { step(p, 5)["in_place"] = 1; }},
      {"in_place_elsewhere", "E502", "is in place", [](Json& p) { step(p, 6)["in_place"] = 0; }},
      {"scale_zero", "E502", "scale", [](Json& p) { value(p, 1)["quant"]["scales"] = Json::binary({0, 0, 0, 0}); }},
      {"scale_nan", "E502", "scale",
       [](Json& p) { value(p, 1)["quant"]["scales"] = Json::binary({0, 0, 0xC0, 0x7F}); }},
      {"zero_points_missing", "E502", "quantization", [](Json& p) { value(p, 1)["quant"]["zero_points"] = {1, 2}; }},
      {"channel_scales_missing", "E502", "scales",
       [](Json& p) { value(p, 2)["quant"]["scales"] = Json::binary({0, 0, 128, 63}); }},
      {"type_does_not_follow", "E502", "of another type", [](Json& p) { value(p, 9)["shape"] = {10, 1}; }},
      {"attribute_missing", "E502", "attribute 'strides' is missing",
       [](Json& p) { step(p, 1)["attributes"].erase("strides"); }},
      {"attribute_of_another_kind", "E502", "attribute 'groups' is not",
       [](Json& p) { step(p, 1)["attributes"]["groups"] = {"f", 1.0}; }},
      {"observe_in_plan", "E502", "must not be in a plan",
       [](Json& p) { step(p, 2) = {{"op", "observe"}, {"inputs", {4}}, {"outputs", Json::array()}}; }},
      {"input_listed_twice", "E502", "listed twice", [](Json& p) { p["inputs"] = {0, 0}; }},
      {"output_no_output", "E502", "no output value", [](Json& p) { p["outputs"][0] = 3; }},
  };
}

std::string with_test(const std::function<void(Json&)>& change) {
  Parts parts;
  parts.edit("TEST", [&](Json& root) { change(root["self_tests"][0]); });
  return parts.pack();
}

}  // namespace

TEST_CASE("a defect in a plan is named", "[artifact][corrupt]") {
  for (const auto& list : {form_defects(), newer_defects(), unsound_defects()})
    for (const Defect& d : list) check_refused(d.name, d.code, d.text, with_plan(d.change));
}

TEST_CASE("a defect in the list of plans is named", "[artifact][corrupt]") {
  check_refused("no_plan", "E502", "no plan is in it", with_plans([](Json& r) { r["plans"] = Json::array(); }));
  check_refused("plans_missing", "E502", "'plans' is missing", with_plans([](Json& r) { r.erase("plans"); }));
  check_refused("too_many_plans", "E502", "too many plans",
                with_plans([](Json& r) { r["plans"] = std::vector<int>(1025, 0); }));
  check_refused("too_many_values", "E502", "too many values",
                with_plan([](Json& p) { p["values"] = std::vector<int>((1 << 18) + 1, 0); }));
}

TEST_CASE("a plan that copies scales without end is refused", "[artifact][corrupt]") {
  const auto file = with_plan([](Json& p) {
    value(p, 2)["quant"]["scales"] = Json::binary(std::vector<std::uint8_t>(4 << 20, 1));
    step(p, 1)["inputs"] = std::vector<int>(65000, 2);
  });
  check_refused("scales_bomb", "E502", "reads too many scales", file);
}

TEST_CASE("a defect in a self-test is named", "[artifact][corrupt]") {
  const auto refused = [](const std::string& name, const std::string& text, const std::function<void(Json&)>& change) {
    check_refused(name, "E502", text, with_test(change));
  };
  refused("plan_out_of_range", "self-test 0: 'plan'", [](Json& t) { t["plan"] = 2; });
  refused("seed_negative", "'seed'", [](Json& t) { t["seed"] = -1; });
  refused("tolerance_negative", "negative", [](Json& t) { t["rtol"] = -0.5; });
  refused("tolerance_nan", "'atol'", [](Json& t) { t["atol"] = std::numeric_limits<double>::quiet_NaN(); });
  refused("tolerance_infinite", "'atol'", [](Json& t) { t["atol"] = std::numeric_limits<double>::infinity(); });
  refused("tolerance_not_f32", "'rtol'", [](Json& t) { t["rtol"] = 0.1; });
  refused("tolerance_beyond_f32", "'rtol'", [](Json& t) { t["rtol"] = 1e300; });
  refused("output_missing", "another number of outputs", [](Json& t) { t["expected"].erase(1); });
  refused("output_of_other_shape", "output 0: another type", [](Json& t) { t["expected"][0]["shape"][3] = 17; });
  refused("output_of_other_type", "output 0: another type", [](Json& t) { t["expected"][0]["type"] = "s32"; });
  refused("output_cut", "another size", [](Json& t) { t["expected"][1]["bytes"] = Json::binary({1, 2, 3, 4}); });
  refused("output_no_bytes", "'bytes'", [](Json& t) { t["expected"][1]["bytes"] = "text"; });
  check_refused("output_of_unknown_type", "E501", "element type 'f8'",
                with_test([](Json& t) { t["expected"][0]["type"] = "f8"; }));
}

TEST_CASE("unknown keys are ignored everywhere in a plan", "[artifact][corrupt]") {
  const std::string file = with_plans([](Json& root) {
    root["future"] = {1, 2};
    Json& plan = root["plans"][0];
    plan["future"] = Json::binary({1});
    value(plan, 2)["future"] = nullptr;
    value(plan, 2)["quant"]["future"] = Json::object();
    step(plan, 1)["future"] = 1.5;
  });
  const auto got = read_artifact(as_span(file), nullptr, "f");
  if (!got.ok()) FAIL(got.error().text());
  CHECK(to_bytes(*got, "f").value() == sample_bytes());
}

}  // namespace xpuq
