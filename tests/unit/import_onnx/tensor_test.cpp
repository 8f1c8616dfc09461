// Tensors of a file: raw and typed fields, narrow floats, external files and what must not be read.
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <fstream>

#include "catch.h"
#include "import/onnx/tensor.h"
#include "model.h"

using namespace xpuq;
using namespace xpuq::onnx_test;
namespace fs = std::filesystem;

namespace {

Result<Tensor> read(const onnx::TensorProto& t, const std::string& file = "model.onnx") {
  return onnx_import::read_tensor(file, "initializer 'w'", t, nullptr);
}

onnx::TensorProto raw(int type, const Ints& dims, const std::string& bytes) {
  onnx::TensorProto t;
  t.set_name("w");
  t.set_data_type(type);
  for (std::int64_t d : dims) t.add_dims(d);
  t.set_raw_data(bytes);
  return t;
}

/// A folder that goes when the test does.
struct Folder {
  Folder() : path(fs::temp_directory_path() / ("xpuq_onnx_" + std::to_string(::getpid()))) {
    fs::create_directories(path / "model");
  }
  ~Folder() { fs::remove_all(path); }
  void write(const std::string& name, std::size_t bytes) const {
    std::ofstream out(path / name, std::ios::binary);
    for (std::size_t i = 0; i < bytes; ++i) out.put(static_cast<char>(i));
  }
  std::string model() const { return (path / "model" / "m.onnx").string(); }
  fs::path path;
};

onnx::TensorProto external(const std::string& location, const std::string& offset = "",
                           const std::string& length = "") {
  onnx::TensorProto t;
  t.set_name("w");
  t.set_data_type(onnx::TensorProto::INT8);
  t.add_dims(4);
  t.set_data_location(onnx::TensorProto::EXTERNAL);
  for (const auto& [key, value] :
       std::map<std::string, std::string>{{"location", location}, {"offset", offset}, {"length", length}}) {
    if (value.empty()) continue;
    auto* entry = t.add_external_data();
    entry->set_key(key);
    entry->set_value(value);
  }
  return t;
}

}  // namespace

TEST_CASE("every element type from its own field and from raw bytes") {
  for (const auto& [type, dtype] : std::map<int, DataType>{{onnx::TensorProto::INT8, DataType::s8},
                                                           {onnx::TensorProto::UINT8, DataType::u8},
                                                           {onnx::TensorProto::INT16, DataType::s16},
                                                           {onnx::TensorProto::INT32, DataType::s32},
                                                           {onnx::TensorProto::INT64, DataType::s64},
                                                           {onnx::TensorProto::BOOL, DataType::boolean}}) {
    const auto typed = read(ints("w", {2}, {1, 0}, type));
    REQUIRE(typed);
    CHECK(typed->dtype() == dtype);
    const auto bytes = read(raw(type, {2}, std::string(reinterpret_cast<const char*>(typed->raw()), typed->bytes())));
    REQUIRE(bytes);
    CHECK(std::memcmp(bytes->raw(), typed->raw(), typed->bytes()) == 0);
  }
  const auto flag = read(raw(onnx::TensorProto::BOOL, {2}, std::string("\xff\x00", 2)));
  REQUIRE(flag);
  CHECK(flag->data<std::uint8_t>()[0] == 1);  // any other byte than 0 and 1 would be undefined further on
}

TEST_CASE("f16 and bf16 are widened exactly, from both kinds of fields") {
  const auto half =
      read(raw(onnx::TensorProto::FLOAT16, {5}, std::string("\x00\x3c\x01\x00\x00\xfc\x00\x80\xff\x7b", 10)));
  REQUIRE(half);
  CHECK(half->dtype() == DataType::f32);
  CHECK(half->data<float>()[0] == 1);
  CHECK(half->data<float>()[1] == std::ldexp(1.0f, -24));
  CHECK(std::isinf(half->data<float>()[2]));
  CHECK(std::signbit(half->data<float>()[3]));
  CHECK(half->data<float>()[4] == 65504);
  const auto brain = read(ints("w", {1}, {0x3FC0}, onnx::TensorProto::BFLOAT16));
  REQUIRE(brain);
  CHECK(brain->data<float>()[0] == 1.5f);
}

TEST_CASE("data that do not fit their shape are refused before anything is allocated") {
  const auto code = [](const onnx::TensorProto& t) {
    const auto r = read(t);
    return r ? std::string() : r.error().code;
  };
  CHECK(code(raw(onnx::TensorProto::FLOAT, {3}, std::string(8, '\0'))) == "E306");
  CHECK(code(floats("w", {3}, {1, 2})) == "E306");
  CHECK(code(floats("w", {-1}, {1})) == "E306");
  CHECK(code(floats("w", {std::int64_t{1} << 40, std::int64_t{1} << 40}, {})) == "E306");
  CHECK(code(floats("w", {std::int64_t{1} << 50}, {})) == "E306");
  CHECK(code(floats("w", Ints(100, 1), {1})) == "E306");
  CHECK(code(ints("w", {1}, {300}, onnx::TensorProto::INT8)) == "E306");
  CHECK(code(ints("w", {1}, {1}, onnx::TensorProto::STRING)) == "E305");
  CHECK(code(ints("w", {1}, {1}, onnx::TensorProto::UINT64)) == "E305");
  CHECK(code(ints("w", {1}, {1}, 99)) == "E305");
  CHECK(read(floats("w", {0, 3}, {})).ok());
  CHECK(read(floats("w", {}, {1})).ok());
}

TEST_CASE("f16 initializers are converted and noted; f64 meets f32 as f32") {
  Model m;
  m.input("x", {1})
      .tensor(raw(onnx::TensorProto::FLOAT16, {1}, std::string("\x00\x3c", 2)))
      .node("Mul", {"x", "w"}, {"y"})
      .output("y");
  auto imported = m.import();
  REQUIRE(imported);
  CHECK(imported->notes == std::vector<std::string>{"values of type FLOAT16 are computed in f32"});
  Model wide;
  wide.input("x", {1});
  wide.node("Cast", {"x"}, {"d"}, {attribute("to", 11)});
  wide.tensor([] {
    onnx::TensorProto t;
    t.set_name("w");
    t.set_data_type(onnx::TensorProto::DOUBLE);
    t.add_dims(1);
    t.add_double_data(3);
    return t;
  }());
  wide.node("Mul", {"d", "w"}, {"p"}).node("Cast", {"p"}, {"y"}, {attribute("to", 1)}).output("y");
  CHECK(ops_of(graph_of(wide)) == "mul");
  CHECK(run(wide, {1}, {2}) == std::vector<float>{6});
}

TEST_CASE("external weights are read from beside the model") {
  const Folder folder;
  folder.write("model/w.bin", 16);
  fs::create_directories(folder.path / "model" / "sub");
  folder.write("model/sub/w.bin", 4);
  const auto at = read(external("w.bin", "4", "4"), folder.model());
  REQUIRE(at);
  CHECK(at->data<std::int8_t>()[0] == 4);
  CHECK(read(external("w.bin"), folder.model()).ok());
  CHECK(read(external("sub/w.bin"), folder.model()).ok());
  CHECK(read(external("./w.bin"), folder.model()).ok());
  fs::create_symlink("w.bin", folder.path / "model" / "link.bin");
  CHECK(read(external("link.bin"), folder.model()).ok());  // stays inside
}

TEST_CASE("external weights never come from elsewhere") {
  const Folder folder;
  folder.write("secret.bin", 16);
  folder.write("model/w.bin", 16);
  fs::create_symlink("../secret.bin", folder.path / "model" / "link.bin");
  fs::create_directory_symlink("..", folder.path / "model" / "up");
  const auto error = [&](const onnx::TensorProto& t) {
    auto r = read(t, folder.model());
    REQUIRE_FALSE(r.ok());
    CHECK(r.error().code == "E304");
    CHECK_THAT(r.error().text(), ContainsSubstring("m.onnx") && ContainsSubstring("tensor 'w'"));
    return r.error().text();
  };
  CHECK_THAT(error(external("../secret.bin")), ContainsSubstring("leads out of the model's folder"));
  CHECK_THAT(error(external("sub/../../secret.bin")), ContainsSubstring("leads out"));
  CHECK_THAT(error(external((folder.path / "secret.bin").string())), ContainsSubstring("leads out"));
  CHECK_THAT(error(external("link.bin")), ContainsSubstring("is a link that leads out"));
  CHECK_THAT(error(external("up/secret.bin")), ContainsSubstring("is a link that leads out"));
  CHECK_THAT(error(external("gone.bin")), ContainsSubstring("file 'gone.bin' is missing"));
  CHECK_THAT(error(external(".")), ContainsSubstring("is not a file"));
  CHECK_THAT(error(external("")), ContainsSubstring("no location"));
  CHECK_THAT(error(external("w.bin", "13")), ContainsSubstring("is too short"));
  CHECK_THAT(error(external("w.bin", "18446744073709551615")), ContainsSubstring("is too short"));
  CHECK_THAT(error(external("w.bin", "-1")), ContainsSubstring("offset is not a number"));
  CHECK_THAT(error(external("w.bin", "0", "5")), ContainsSubstring("stated length does not fit"));
}

TEST_CASE("a missing external file is named by the import") {
  const Folder folder;
  Model m;
  m.input("x", {4}, onnx::TensorProto::INT8)
      .tensor(external("weights.data"))
      .node("Add", {"x", "w"}, {"y"})
      .output("y");
  auto imported = m.import({}, folder.model());
  REQUIRE_FALSE(imported.ok());
  CHECK(imported.error().code == "E304");
  CHECK_THAT(imported.error().text(), ContainsSubstring("weights.data") && ContainsSubstring("try: copy"));
}
