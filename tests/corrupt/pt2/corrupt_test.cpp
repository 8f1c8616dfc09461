// Damaged and hostile archives: every one is an error that names the file and the defect, none does more.
#include <cstring>

#include "catch.h"
#include "unit/import_pt2/archive_builder.h"

namespace xpuq::test {
namespace {

ProgramBuilder sound() {
  ProgramBuilder p;
  p.parameter("w", "layer.weight", {2, 2}, {1, 2, 3, 4}).input("x", {1, 2});
  p.node("linear", "aten.linear.default", {{"input", tensor_arg("x")}, {"weight", tensor_arg("w")}}).output("linear");
  return p;
}

void check_refused(const std::string& bytes, const std::string& code, const std::string& defect) {
  const auto model = import_bytes(bytes);
  REQUIRE(!model.ok());
  INFO(model.error().text());
  CHECK(model.error().code == code);
  CHECK_THAT(model.error().text(), ContainsSubstring("model.pt2") && ContainsSubstring(defect));
}

Json& first_node(ProgramBuilder& p) { return p.document["graph_module"]["graph"]["nodes"][0]; }
Json& weight_meta(ProgramBuilder& p) { return p.weights["config"]["layer.weight"]; }

std::vector<ZipItem> without(std::vector<ZipItem> items, const std::string& suffix) {
  std::erase_if(items, [&](const ZipItem& i) { return i.name.ends_with(suffix); });
  return items;
}

std::vector<ZipItem> replaced(std::vector<ZipItem> items, const std::string& suffix, const std::string& data) {
  for (ZipItem& i : items)
    if (i.name.ends_with(suffix)) i.data = data;
  return items;
}

}  // namespace

TEST_CASE("the archive that the others damage is sound", "[pt2][corrupt]") {
  CHECK(import_bytes(sound().archive()).ok());
}

TEST_CASE("files that are no zip, or not all of one", "[pt2][corrupt]") {
  const std::string bytes = sound().archive();
  check_refused("", "E307", "zip archive");
  check_refused("PK\3\4 and nothing else", "E307", "zip archive");
  check_refused(bytes.substr(0, bytes.size() - 30), "E307", "zip archive");   // no end record
  check_refused(bytes.substr(0, bytes.size() / 2), "E307", "zip archive");    // no directory
}

TEST_CASE("any cut and many flipped bytes are errors or harmless, never more", "[pt2][corrupt]") {
  const std::string bytes = sound().archive();
  for (std::size_t cut = 0; cut < bytes.size(); cut += 7) CHECK(!import_bytes(bytes.substr(0, cut)).ok());
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    std::string damaged = bytes;
    damaged[at] = static_cast<char>(damaged[at] ^ (1 << (at % 8)));
    (void)import_bytes(damaged).ok();
  }
}

TEST_CASE("a payload with a wrong checksum", "[pt2][corrupt]") {
  std::string bytes = sound().archive();
  const float one = 1;
  const std::size_t at = bytes.find(std::string(reinterpret_cast<const char*>(&one), sizeof one));
  bytes[at + 3] ^= 1;
  check_refused(bytes, "E307", "'model/data/weights/weight_0' is damaged");
}

TEST_CASE("two entries of one name", "[pt2][corrupt]") {
  auto items = sound().entries();
  items.push_back({"model/archive_formas", "pt2"});
  std::string bytes = make_zip(items);
  for (std::size_t at = bytes.find("archive_formas"); at != std::string::npos; at = bytes.find("archive_formas", at))
    bytes[at + 13] = 't';
  check_refused(bytes, "E307", "'model/archive_format' twice");
}

TEST_CASE("a zip bomb", "[pt2][corrupt]") {
  auto items = sound().entries();
  items.push_back({"model/extra/bomb", std::string(64 << 20, '\0'), true});
  std::string bytes = make_zip(items);
  // The directory claims 3.9 GiB for the entry; the uncompressed size stands 24 bytes into its record.
  const std::size_t record = bytes.rfind("model/extra/bomb") - 46;
  REQUIRE(bytes.compare(record, 4, "PK\1\2") == 0);
  const std::uint32_t claimed = 0xF9999999;
  std::memcpy(&bytes[record + 24], &claimed, 4);
  check_refused(bytes, "E307", "'model/extra/bomb' inflates too much");
}

TEST_CASE("zip files of other kinds", "[pt2][corrupt]") {
  check_refused(make_zip({{"m/data.pkl", "x"}, {"m/constants.pkl", "x"}}), "E307", "TorchScript");
  check_refused(make_zip({{"m/data.pkl", "x"}, {"m/data/0", "x"}}), "E307", "pickle archive (torch.save)");
  check_refused(make_zip({{"readme.txt", "x"}}), "E307", "not a torch.export archive");
  check_refused(make_zip({{"m/archive_format", "pt2"}, {"m/byteorder", "little"}}), "E307", "no program");
}

TEST_CASE("formats and versions of another time or machine", "[pt2][corrupt]") {
  check_refused(make_zip(replaced(sound().entries(), "byteorder", "big")), "E303", "byte order");
  check_refused(make_zip(replaced(sound().entries(), "archive_format", "pt3")), "E303", "pt3");
  check_refused(make_zip(replaced(sound().entries(), "archive_version", "1")), "E303", "archive version");
  ProgramBuilder newer = sound();
  newer.document["schema_version"] = {{"major", 9}, {"minor", 1}};
  check_refused(newer.archive(), "E303", "schema 9.1 (written by torch 2.13.0+cpu)");
  check_refused(newer.archive(), "E303", "5.x to 8.x");
  ProgramBuilder older = sound();
  older.document["schema_version"] = {{"major", 4}, {"minor", 2}};
  check_refused(older.archive(), "E303", "schema 4.2");
}

TEST_CASE("documents that are not JSON, or not a program", "[pt2][corrupt]") {
  check_refused(make_zip(replaced(sound().entries(), "model.json", "{\"graph_module\": ")), "E307", "not valid JSON");
  check_refused(make_zip(replaced(sound().entries(), "model.json", std::string(1000, '[') + std::string(1000, ']'))),
                "E307", "nested too deeply");
  check_refused(make_zip(replaced(sound().entries(), "model.json", "[]")), "E307", "not a JSON object");
  check_refused(make_zip(replaced(sound().entries(), "model.json", "{}")), "E307", "no schema version");
  ProgramBuilder no_graph = sound();
  no_graph.document["graph_module"].erase("graph");
  check_refused(no_graph.archive(), "E307", "no graph");
  ProgramBuilder no_target = sound();
  first_node(no_target).erase("target");
  check_refused(no_target.archive(), "E307", "broken node number 0");
  ProgramBuilder no_signature = sound();
  no_signature.document["graph_module"]["signature"]["input_specs"] = Json::array({7});
  check_refused(no_signature.archive(), "E307", "broken input signature");
  ProgramBuilder no_outputs = sound();
  no_outputs.document["graph_module"]["signature"]["output_specs"] = Json::array();
  check_refused(no_outputs.archive(), "E302", "no tensor output");
}

TEST_CASE("weights that are missing, short, pickled or odd", "[pt2][corrupt]") {
  check_refused(make_zip(without(sound().entries(), "weight_0")), "E307", "no entry 'model/data/weights/weight_0'");
  check_refused(make_zip(without(sound().entries(), "weights_config.json")), "E307", "no data for 'layer.weight'");
  check_refused(make_zip(replaced(sound().entries(), "weight_0", "short")), "E307", "needs 4 elements of 4 bytes");
  ProgramBuilder pickled = sound();
  weight_meta(pickled)["use_pickle"] = true;
  check_refused(pickled.archive(), "E307", "'layer.weight' as a Python object");
  ProgramBuilder complex = sound();
  weight_meta(complex)["tensor_meta"]["dtype"] = 10;
  check_refused(complex.archive(), "E305", "complex64");
  ProgramBuilder sparse = sound();
  weight_meta(sparse)["tensor_meta"]["layout"] = 1;
  check_refused(sparse.archive(), "E307", "sparse");
  ProgramBuilder negative = sound();
  weight_meta(negative)["tensor_meta"]["sizes"][0]["as_int"] = -2;
  check_refused(negative.archive(), "E307", "'layer.weight' has a broken description");
  ProgramBuilder endless = sound();
  weight_meta(endless)["tensor_meta"]["sizes"] = {{{"as_int", std::int64_t{1} << 45}}};
  weight_meta(endless)["tensor_meta"]["strides"] = {{{"as_int", 0}}};
  check_refused(endless.archive(), "E307", "expands to more than");
  ProgramBuilder vague = sound();
  weight_meta(vague).erase("tensor_meta");
  check_refused(vague.archive(), "E307", "incompletely");
}

TEST_CASE("nodes that make no sense name themselves", "[pt2][corrupt]") {
  ProgramBuilder unknown = sound();
  first_node(unknown)["inputs"][0]["arg"] = tensor_arg("ghost");
  check_refused(unknown.archive(), "E302", "node 'linear': reads 'ghost'");
  ProgramBuilder missing = sound();
  first_node(missing)["inputs"].erase(1);
  check_refused(missing.archive(), "E302", "lacks its argument 'weight'");
  ProgramBuilder wrong = sound();
  first_node(wrong)["inputs"][1]["arg"] = {{"as_string", "weight"}};
  check_refused(wrong.archive(), "E302", "argument 'weight' of aten.linear.default is not a tensor");
  ProgramBuilder misfit = sound();
  misfit.document["graph_module"]["graph"]["tensor_values"]["x"]["sizes"][1]["as_int"] = 3;
  check_refused(misfit.archive(), "E302", "node 'linear'");
  ProgramBuilder itself = sound();
  first_node(itself)["inputs"][0]["arg"] = tensor_arg("linear");
  check_refused(itself.archive(), "E302", "reads 'linear'");
}

TEST_CASE("sizes that would overflow or never end", "[pt2][corrupt]") {
  const auto one = [](const std::string& target, const ProgramBuilder::Arguments& arguments) {
    ProgramBuilder p;
    p.input("x", {2, 3}).node("n", target, arguments).output("n");
    return p.archive();
  };
  const std::int64_t huge = std::int64_t{1} << 62;
  check_refused(one("aten.view.default", {{"self", tensor_arg("x")}, {"size", ints_arg({huge, huge, -1})}}), "E302",
                "'n'");
  check_refused(one("aten.view.default", {{"self", tensor_arg("x")}, {"size", ints_arg({0, -1})}}), "E302", "'n'");
  check_refused(one("aten.arange.default", {{"end", int_arg(huge)}}), "E302", "range of");
  check_refused(one("aten.full.default", {{"size", ints_arg({huge, huge})}, {"fill_value", int_arg(1)}}), "E302",
                "'n'");
  check_refused(one("aten.repeat.default", {{"self", tensor_arg("x")}, {"repeats", ints_arg({huge, 1})}}), "E302",
                "'n'");
  check_refused(one("aten.split.Tensor", {{"self", tensor_arg("x")}, {"split_size", int_arg(0)}}), "E302", "'n'");
  check_refused(one("aten.slice.Tensor", {{"self", tensor_arg("x")}, {"step", int_arg(-1)}}), "E302", "steps of -1");
  check_refused(one("aten.constant_pad_nd.default", {{"self", tensor_arg("x")}, {"pad", ints_arg({-huge, -huge})}}),
                "E302", "'n'");
  check_refused(one("aten.permute.default", {{"self", tensor_arg("x")}, {"dims", ints_arg({0, 0})}}), "E302", "'n'");
  check_refused(one("aten.max_pool2d.default", {{"self", tensor_arg("x")}, {"kernel_size", ints_arg({huge, 2})}}),
                "E302", "'n'");
  check_refused(one("aten.mean.dim", {{"self", tensor_arg("x")}, {"dim", ints_arg({5})}}), "E302", "axis 5");
  check_refused(
      one("aten.roll.default", {{"self", tensor_arg("x")}, {"shifts", ints_arg({1, 2})}, {"dims", ints_arg({0})}}),
      "E302", "2 shifts");
  check_refused(
      one("aten.narrow.default",
          {{"self", tensor_arg("x")}, {"dim", int_arg(0)}, {"start", int_arg(-huge)}, {"length", int_arg(huge)}}),
      "E302", "'n'");
}

TEST_CASE("the older layout, damaged", "[pt2][corrupt]") {
  const std::string program = sound().document.dump();
  const std::string good = make_zip({{"archive/data.pkl", "\x80\x02}."}, {"archive/byteorder", "little"}});
  check_refused(make_zip({{"serialized_exported_program.json", program}}), "E307", "no entry 'version'");
  check_refused(make_zip({{"version", "8.8"}, {"serialized_exported_program.json", program}}), "E307",
                "serialized_state_dict.pt");
  const auto old = [&](const std::string& state) {
    return make_zip({{"version", "8.8"},
                     {"serialized_exported_program.json", program},
                     {"serialized_state_dict.pt", state},
                     {"serialized_constants.pt", good}});
  };
  check_refused(old("no zip"), "E307", "serialized_state_dict.pt");
  check_refused(old(make_zip({{"archive/other", "x"}})), "E307", "without data.pkl");
  check_refused(old(make_zip({{"archive/data.pkl", "cposix\nsystem\n(X\2tR."}})), "E307", "posix.system");
  check_refused(old(make_zip({{"archive/data.pkl", "\x80\x02)."}})), "E307", "no dictionary");
  check_refused(old(make_zip({{"archive/data.pkl", "\x80\x02}."}, {"archive/byteorder", "big"}})), "E303",
                "byte order");
  check_refused(old(good), "E307", "no data for 'layer.weight'");
}

}  // namespace xpuq::test
