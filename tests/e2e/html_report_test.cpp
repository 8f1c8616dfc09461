// The HTML report: one page that needs nothing else, whatever the names in the model are.
#include <regex>

#include "cli/html_text.h"
#include "cli/quantization_report.h"
#include "workspace.h"

using namespace xpuq;
using namespace xpuq::test;

namespace {

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t n = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + part.size())) ++n;
  return n;
}

/// What stands between the first `open` and the next `close`.
std::string between(const std::string& text, const std::string& open, const std::string& close) {
  const std::size_t start = text.find(open);
  REQUIRE(start != std::string::npos);
  const std::size_t end = text.find(close, start + open.size());
  REQUIRE(end != std::string::npos);
  return text.substr(start + open.size(), end - start - open.size());
}

const std::string kHostile = "</script><img src=x onerror=alert(1)>\"'&\xFF\x01";

CompileResult hostile_result() {
  CompileResult r;
  LayerReport layer;
  layer.index = 0;
  layer.name = layer.op = layer.shape = layer.types = layer.reason = layer.detail = kHostile;
  layer.nodes = {kHostile, kHostile};
  layer.post_ops = {kHostile};
  layer.source = {.name = kHostile, .type = kHostile, .shape = kHostile, .scale = 0.5f, .chosen = Interval{-64, 63.5}, .observed = Interval{-100, 70}, .histogram = {4, 9, 1}, .clipped_percent = 7.1};
  layer.destination = layer.source;
  layer.weights.shape = kHostile;
  layer.weight_sqnr_db = 30.0f;
  r.layers = {layer};
  FlowStep step;
  step.name = step.op = step.shape = step.source_type = step.type = kHostile;
  step.nodes = {kHostile};
  step.arithmetic = Arithmetic::conversion;
  step.sources = {-1};
  r.flow = {.inputs = {{kHostile, kHostile, kHostile, -1}}, .outputs = {{kHostile, kHostile, kHostile, 0}}, .steps = {step}};
  r.provenance = {kHostile, kHostile, std::string(64, '0'), std::string(64, '0'), kHostile, std::string(64, '0'), 1, kHostile};
  r.notes = {kHostile};
  return r;
}

}  // namespace

TEST_CASE("nothing in a model's names becomes markup") {
  CompileOptions options;
  options.model = "m" + kHostile;
  options.recipe.exclude = {kHostile};
  const std::string page = cli::report_html(options, hostile_result());
  CHECK(page.find("<img") == std::string::npos);
  CHECK(count(page, "</script>") == 2);
  CHECK(count(page, "<script") == 2);
  CHECK(page.find('\xFF') == std::string::npos);
  CHECK(page.find('\x01') == std::string::npos);
  CHECK(page.find("&lt;img src=x onerror=alert(1)&gt;&quot;&#39;&amp;\xEF\xBF\xBD\xEF\xBF\xBD") != std::string::npos);
  const Json data = value(parse_json(between(page, "id=\"report\">", "</script>"), "E000", "report"));
  CHECK(data["layers"][0]["op"].get<std::string>().starts_with("</script><img src=x"));
}

TEST_CASE("text for HTML") {
  CHECK(cli::escape_html("a<b>&\"'") == "a&lt;b&gt;&amp;&quot;&#39;");
  CHECK(cli::escape_html("\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80") == "\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80");
  // Cut off, overlong, surrogate, beyond U+10FFFF.
  for (const std::string bad : {"\xC3", "\xC0\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80"}) CHECK(cli::escape_html(bad + "z").ends_with("\xEF\xBF\xBDz"));
  CHECK(cli::shorten_html("<<<<", 2) == "&lt;&lt;…");
  CHECK(cli::shorten_front_html("a<\xC3\xA4z", 2) == "…\xC3\xA4z");
  CHECK(cli::shorten_front_html("a<\xC3\xA4z", 4) == "a&lt;\xC3\xA4z");
  CHECK(cli::escape_script("\"</script>\"") == "\"\\u003c/script>\"");
  CHECK(cli::fill("a{{x}}b{{y}}", {{"x", "{{y}}"}, {"y", "2"}}) == "a{{y}}b2");
  // echo -n abc | openssl dgst -sha256 -binary | base64
  CHECK(cli::script_digest("abc") == "sha256-ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=");
}

TEST_CASE("the report of a model: alone, the same every time, every layer with its numbers, and all of it in JSON") {
  const Workspace work;
  CalibrateOptions pictures = calibration(kDigits + "digits.onnx", kDigits + "calib", "unit", work / "d.xcal");
  pictures.images = 8;
  value(calibrate(pictures, {}));
  const CompileOptions options = compilation(kDigits + "digits.onnx", work / "d.xcal", Precision::int8, work / "d.xpuq");
  const CompileResult result = value(compile(options, {}));
  const std::string page = cli::report_html(options, result);

  CHECK(page == cli::report_html(options, value(compile(options, {}))));
  CHECK(page.find("http:") == std::string::npos);
  CHECK(page.find("https:") == std::string::npos);
  CHECK(page.find("src=") == std::string::npos);
  CHECK(count(page, "url(") == count(page, "url(#"));
  CHECK(page.find("@import") == std::string::npos);
  CHECK(page.find("<link") == std::string::npos);
  CHECK(page.find(" style=") == std::string::npos);  // the policy of the page refuses them
  CHECK(page.find("script-src '" + cli::script_digest(between(page, "<script>", "</script>")) + "'") != std::string::npos);
  CHECK(page.find("style-src '" + cli::script_digest(between(page, "<style>", "</style>")) + "'") != std::string::npos);

  REQUIRE(!result.layers.empty());
  CHECK(count(page, "<tbody id=\"layer-") == result.layers.size());
  CHECK(count(page, "class=\"detail\"") == result.layers.size());
  CHECK(count(page, "<g class=\"step ") == result.flow.inputs.size() + result.flow.steps.size() + result.flow.outputs.size());

  const Json data = value(parse_json(between(page, "id=\"report\">", "</script>"), "E000", "report"));
  CHECK(data == cli::report_json(options, result));
  CHECK(data["flow"]["steps"].size() == result.flow.steps.size());
  CHECK(data["made_from"]["graph_sha256"].get<std::string>().size() == 64);
  CHECK(data["made_from"]["profile"]["sha256"].get<std::string>().size() == 64);

  std::uint64_t conversion_bytes = 0;
  for (const FlowStep& s : result.flow.steps)
    if (s.arithmetic == Arithmetic::conversion) conversion_bytes += s.bytes;
  CHECK(conversion_bytes == result.coverage.conversion_bytes);
  CHECK(result.coverage.weight_bytes_int8 <= result.coverage.weight_bytes_total);
  std::size_t int8 = 0;
  for (const LayerReport& l : result.layers) {
    CHECK(result.flow.steps[l.index].name == l.name);
    if (!l.int8) continue;
    ++int8;
    REQUIRE(l.source.scale);
    REQUIRE(l.source.observed);
    // 256 codes, and the observed range lies in them but for what is clipped.
    CHECK(std::abs((l.source.chosen->hi - l.source.chosen->lo) / *l.source.scale - 255) < 0.01);
    CHECK(*l.source.clipped_percent < 1);
    double counted = 0;
    for (float c : l.source.histogram) counted += c;
    CHECK(l.source.histogram.size() == kHistogramBars);
    CHECK(counted > 0);
    REQUIRE(l.weights.scale);
    CHECK(l.weights.scale->lo <= l.weights.scale->hi);
    REQUIRE(l.weight_sqnr_db);
    CHECK(*l.weight_sqnr_db > 25);
  }
  CHECK(int8 == result.coverage.layers_int8);
  CHECK(int8 > 0);
}
