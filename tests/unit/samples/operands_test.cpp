// Data operands (cli.md section 2): folders, lists, arrays, several inputs, labels, errors.
#include <unistd.h>

#include <filesystem>
#include <thread>

#include "sample_test.h"
#include "samples/npy.h"
#include "samples/operands.h"
#include "samples/preprocess_options.h"

namespace xpuq::samples {
namespace {

using namespace test;
using Names = std::vector<std::string>;

InputSpec image_input(const std::string& name = "image") {
  std::vector<Warning> warnings;
  PreprocessingOptions options;
  options.preset = "unit";
  const Shape shape{1, 3, 8, 8};
  return {name, DataType::f32, shape, must(resolve(options, shape, warnings))};
}

InputSpec tensor_input(const std::string& name, DataType dtype = DataType::f32, Shape shape = {1, 2}) {
  Preprocessing none;
  none.tensors_only = true;
  return {name, dtype, std::move(shape), none};
}

Tensor counting(Shape shape) {
  Tensor t(DataType::f32, std::move(shape));
  for (std::int64_t i = 0; i < t.elements(); ++i) t.data<float>()[i] = static_cast<float>(i);
  return t;
}

Names names_of(const SampleSource& source) {
  Names out;
  for (std::size_t i = 0; i < source.size(); ++i) out.push_back(source.relative_name(i));
  return out;
}

const OperandOptions kPlain{};
const OperandOptions kGenerated{.from_file = {}, .allow_generated = true, .labels = {}};

/// The error of opening operands.
Result<SampleSource> open(const Names& operands, const std::vector<InputSpec>& inputs,
                          const OperandOptions& options = kPlain) {
  return SampleSource::open(operands, inputs, options);
}

TEST_CASE("a flat folder is sorted by bytes; the rest is counted") {
  ScratchFolder dir;
  const ByteVector png = fixture_bytes("one_1x1.png");
  for (const char* name :
       {"b.png", "a10.png", "a2.PNG", "B.jpg", "\xc3\xa9.png", ".hidden.png", "notes.txt", "x.heic", "sub/c.png"})
    dir.write(name, png);
  const SampleSource source = must(open({dir.path()}, {image_input()}));
  CHECK(names_of(source) == Names{"B.jpg", "a10.png", "a2.PNG", "b.png", "\xc3\xa9.png"});
  CHECK(source.name(0) == dir.path("B.jpg"));
  CHECK_FALSE(source.label(0).has_value());
  CHECK_FALSE(source.has_labels());
  CHECK(source.skipped().files == 3);
  CHECK(source.skipped().folders == 1);
  REQUIRE(source.warnings().size() == 2);
  CHECK(source.warnings()[0].code == "W011");
  CHECK(source.warnings()[0].message.find("3 files are not images") != std::string::npos);
  // A picture is told by its content: B.jpg holds a PNG.
  const Sample sample = must(source.load(0));
  REQUIRE(sample.inputs.size() == 1);
  CHECK(sample.inputs[0].shape() == Shape{1, 3, 8, 8});
  CHECK(names_of(must(open({dir.path() + "/"}, {image_input()}))).size() == 5);
}

TEST_CASE("class per subfolder, as ImageFolder numbers them") {
  ScratchFolder dir;
  const ByteVector png = fixture_bytes("one_1x1.png");
  for (const char* name : {"dog/2.png", "dog/1.png", "cat/deep/z.png", "cat/a.png", "cat/deep-er/a.png", "cat/note.txt",
                           ".git/x.png", "empty/readme.md"})
    dir.write(name, png);
  std::filesystem::create_directory_symlink("..", dir.path("dog/loop"));
  std::filesystem::create_directory_symlink("../cat/deep", dir.path("dog/linked"));
  const SampleSource source = must(open({dir.path()}, {image_input()}));
  CHECK(names_of(source) ==
        Names{"cat/a.png", "cat/deep/z.png", "cat/deep-er/a.png", "dog/1.png", "dog/2.png", "dog/linked/z.png"});
  CHECK(source.class_names() == Names{"cat", "dog", "empty"});
  CHECK(source.label(0) == 0);
  CHECK(source.label(5) == 1);
  CHECK(source.has_labels());
  CHECK(source.skipped().files == 2);
  CHECK(source.skipped().folders == 1);  // the loop

  OperandOptions options;
  options.labels = {"dog", "empty", "bird", "cat"};
  const SampleSource matched = must(open({dir.path()}, {image_input()}, options));
  CHECK(matched.label(0) == 3);
  CHECK(matched.label(5) == 0);
  CHECK(matched.class_names() == options.labels);
  options.labels = {"x", "y"};
  require_error(open({dir.path()}, {image_input()}, options), "E205", {dir.path(), "3 folders", "2 labels"});
}

TEST_CASE("class folders of two operands must agree") {
  ScratchFolder dir;
  const ByteVector png = fixture_bytes("one_1x1.png");
  for (const char* name : {"a/x/1.png", "a/y/1.png", "b/x/1.png", "b/y/2.png", "c/z/1.png"}) dir.write(name, png);
  CHECK(must(open({dir.path("a"), dir.path("b")}, {image_input()})).size() == 4);
  require_error(open({dir.path("a"), dir.path("c")}, {image_input()}), "E205", {dir.path("c"), "--labels"});
}

TEST_CASE("missing paths, empty folders, undecodable files") {
  ScratchFolder dir;
  require_error(open({dir.path("nope")}, {image_input()}), "E204", {dir.path("nope"), "no such file"});
  require_error(open({"imge=" + dir.path("nope")}, {image_input()}), "E204", {"imge", "image"});
  for (int i = 0; i < 3; ++i) dir.write("photos/" + std::to_string(i) + ".heic", "x");
  dir.write("photos/a.txt", "x");
  require_error(
      open({dir.path("photos")}, {image_input()}), "E404",
      {"photos: no usable image", "4 files: 3 .heic, 1 .txt", "JPEG, PNG, BMP, PPM", "convert to JPEG or PNG"});
  std::filesystem::create_directory(dir.path("void"));
  require_error(open({dir.path("void")}, {image_input()}), "E404", {"void", "0 files"});
  require_error(open({}, {image_input()}), "E404", {});
  const std::string bad = dir.write("bad.jpg", "not a picture");
  const SampleSource source = must(open({bad}, {image_input()}));
  require_error(source.load(0), "E102", {bad, "not a picture"});
  const std::string gone = dir.write("gone.png", fixture_bytes("one_1x1.png"));
  const SampleSource later = must(open({gone}, {image_input()}));
  std::filesystem::remove(gone);
  require_error(later.load(0), "E204", {gone});
  std::filesystem::create_symlink("nowhere.png", dir.path("photos/dangling.png"));
  require_error(must(open({dir.path("photos")}, {image_input()})).load(0), "E204", {"dangling.png"});
  require_error(open({"/dev/null"}, {image_input()}), "E101", {"/dev/null", "regular"});
}

TEST_CASE("npy operands: sample axis, one sample, Fortran order") {
  ScratchFolder dir;
  const std::vector<InputSpec> inputs{tensor_input("x", DataType::f32, {1, 2, 2})};
  const std::string three = dir.write("three.npy", write_npy(counting({3, 2, 2})));
  const SampleSource source = must(open({three}, inputs));
  CHECK(names_of(source) == Names{"three.npy[0]", "three.npy[1]", "three.npy[2]"});
  const Sample sample = must(source.load(2));
  CHECK(sample.inputs[0].shape() == Shape{1, 2, 2});
  CHECK(sample.inputs[0].data<float>()[0] == 8);
  const std::string one = dir.write("one.npy", write_npy(counting({2, 2})));
  CHECK(names_of(must(open({one}, inputs))) == Names{"one.npy"});
  CHECK(must(must(open({one}, inputs)).load(0)).inputs[0].data<float>()[3] == 3);
  CHECK(must(open({three, one, "x=" + three}, inputs)).size() == 7);

  // The same numbers in Fortran order.
  ByteVector fortran = write_npy(counting({3, 2, 2}));
  std::string text(reinterpret_cast<const char*>(fortran.data()), fortran.size());
  text.replace(text.find("False"), 5, "True ");
  const SampleSource columns = must(open({dir.write("f.npy", text)}, inputs));
  CHECK(columns.size() == 3);
  const Tensor row = must(columns.load(1)).inputs[0];
  CHECK(std::vector<float>(row.span<float>().begin(), row.span<float>().end()) == std::vector<float>{1, 7, 4, 10});

  require_error(open({dir.write("bad.npy", write_npy(counting({3, 2})))}, inputs), "E103", {"bad.npy", "3x2", "Nx2x2"});
  const std::string cut = dir.write("cut.npy", std::string_view(text).substr(0, text.size() - 4));
  require_error(open({cut}, inputs), "E102", {"cut.npy"});
  require_error(open({dir.write("magic.npy", "\x93NUMPZ....")}, inputs), "E205", {"magic.npy"});
}

TEST_CASE("arrays are converted to the input's type only without loss") {
  ScratchFolder dir;
  const std::string reals = dir.write("r.npy", write_npy(counting({1, 2})));
  CHECK(must(must(open({reals}, {tensor_input("x", DataType::s64)})).load(0)).inputs[0].data<std::int64_t>()[1] == 1);
  Tensor half(DataType::f32, {1, 2});
  half.data<float>()[1] = 0.5f;
  const std::string lossy = dir.write("h.npy", write_npy(half));
  require_error(must(open({lossy}, {tensor_input("x", DataType::s64)})).load(0), "E103", {"h.npy[0]", "0.5"});
  CHECK(must(must(open({lossy}, {tensor_input("x", DataType::f16)})).load(0)).inputs[0].dtype() == DataType::f16);
  // Pictures for an input of bytes: preset raw gives whole numbers from 0 to 255.
  InputSpec bytes = image_input();
  bytes.dtype = DataType::u8;
  bytes.preprocessing.scale = 1;
  CHECK(must(must(open({fixture("noise_61x43.png")}, {bytes})).load(0)).inputs[0].dtype() == DataType::u8);
}

TEST_CASE("several inputs are walked in step") {
  ScratchFolder dir;
  const std::vector<InputSpec> inputs{tensor_input("ids", DataType::s64), image_input("image")};
  const std::string ids = dir.write("ids.npy", write_npy(counting({2, 2})));
  const std::string a = dir.write("pics/a.png", fixture_bytes("one_1x1.png"));
  dir.write("pics/b.png", fixture_bytes("one_1x1.png"));
  const SampleSource source = must(open({"ids=" + ids, dir.path("pics")}, inputs));
  CHECK(source.size() == 2);
  const Sample sample = must(source.load(1));
  REQUIRE(sample.inputs.size() == 2);
  CHECK(sample.inputs[0].data<std::int64_t>()[0] == 2);
  CHECK(sample.inputs[1].shape() == Shape{1, 3, 8, 8});
  require_error(open({"ids=" + ids, a}, inputs), "E205", {"image", "number of samples", "1"});
  require_error(open({dir.path("pics")}, inputs), "E205", {"ids", "no data", "ids=FILE.npy"});
  require_error(open({ids, dir.path("pics")}, inputs), "E205", {ids, "ids="});
  require_error(open({"ids=" + a}, inputs), "E205", {"ids", "no pictures"});
  require_error(open({a}, {image_input("p"), image_input("q")}), "E205", {"several inputs", "q="});
  require_error(open({a}, {tensor_input("x")}), "E205", {a, "no input takes pictures"});
}

TEST_CASE("npz operands") {
  ScratchFolder dir;
  const std::vector<InputSpec> inputs{tensor_input("a"), tensor_input("b", DataType::f32, {1, 3})};
  const auto archive = [&](const char* name, NamedTensors tensors) {
    return dir.write(name, must(write_npz(tensors, name)));
  };
  const SampleSource source = must(
      open({archive("ok.npz", {{"b", counting({2, 3})}, {"a", counting({2, 2})}, {"more", counting({1})}})}, inputs));
  CHECK(source.size() == 2);
  CHECK(must(source.load(1)).inputs[1].data<float>()[0] == 3);
  CHECK(source.name(1) == dir.path("ok.npz[1]"));
  require_error(open({archive("few.npz", {{"a", counting({2, 2})}})}, inputs), "E103", {"few.npz", "'b'"});
  require_error(open({archive("odd.npz", {{"a", counting({2, 2})}, {"b", counting({3, 3})}})}, inputs), "E205",
                {"odd.npz", "3"});
  require_error(open({archive("shape.npz", {{"a", counting({2, 5})}, {"b", counting({2, 3})}})}, inputs), "E103",
                {"shape.npz[a]"});
  require_error(open({dir.write("cut.npz", "PK\x03\x04zzzz")}, inputs), "E102", {"cut.npz"});
  CHECK(must(open({"a=" + archive("one.npz", {{"a", counting({4, 2})}}),
                   "b=" + archive("two.npz", {{"b", counting({4, 3})}})},
                  inputs))
            .size() == 4);
}

TEST_CASE("generated operands") {
  const std::vector<InputSpec> inputs{image_input(), tensor_input("ids", DataType::s64)};
  require_error(open({"random"}, inputs), "E203", {"random", "generated", "ranges"});
  require_error(open({"zeros"}, inputs), "E203", {"zeros"});
  require_error(open({"random:x"}, inputs, kGenerated), "E203", {"random:x", "seed"});
  require_error(open({"random:"}, inputs, kGenerated), "E203", {"random:"});
  const SampleSource source = must(open({"random:7"}, inputs, kGenerated));
  CHECK(source.size() == 1);
  CHECK(source.name(0) == "random:7");
  const Sample one = must(source.load(0)), same = must(must(open({"random:7"}, inputs, kGenerated)).load(0));
  const Sample other = must(must(open({"random:8"}, inputs, kGenerated)).load(0));
  CHECK(one.inputs[0].shape() == Shape{1, 3, 8, 8});
  CHECK(
      std::equal(one.inputs[0].span<float>().begin(), one.inputs[0].span<float>().end(), same.inputs[0].data<float>()));
  CHECK_FALSE(std::equal(one.inputs[0].span<float>().begin(), one.inputs[0].span<float>().end(),
                         other.inputs[0].data<float>()));
  for (float v : one.inputs[0].span<float>()) CHECK((v >= -1 && v < 1));
  for (std::int64_t v : one.inputs[1].span<std::int64_t>()) CHECK((v == 0 || v == 1));
  const Sample zeros = must(must(open({"zeros"}, inputs, kGenerated)).load(0));
  for (float v : zeros.inputs[0].span<float>()) CHECK(v == 0);

  // Beside real data a generated input takes its count, and differs from sample to sample.
  ScratchFolder dir;
  dir.write("a.png", fixture_bytes("one_1x1.png"));
  dir.write("b.png", fixture_bytes("one_1x1.png"));
  const SampleSource mixed = must(open({"random", dir.path()}, inputs, kGenerated));
  CHECK(mixed.size() == 2);
  CHECK(mixed.name(1) == dir.path("b.png"));
  CHECK(must(open({"ids=zeros", dir.path()}, inputs, kGenerated)).size() == 2);
  require_error(open({"image=zeros", dir.path(), "ids=zeros"}, inputs, kGenerated), "E205", {"mixed"});
  require_error(open({"zeros", dir.path()}, {image_input()}, kGenerated), "E205", {"zeros", "leave it out"});
}

TEST_CASE("operands from a list, with labels") {
  ScratchFolder dir;
  const std::string a = dir.write("a.png", fixture_bytes("one_1x1.png")),
                    b = dir.write("b.png", fixture_bytes("one_1x1.png"));
  OperandOptions options;
  options.labels = {"cat", "dog"};
  options.from_file = dir.write("list.txt", a + "\tdog\r\n\n" + b + "\t0\n" + a);
  const SampleSource source = must(open({b}, {image_input()}, options));
  REQUIRE(source.size() == 4);
  CHECK_FALSE(source.label(0).has_value());
  CHECK(source.label(1) == 1);
  CHECK(source.label(2) == 0);
  CHECK_FALSE(source.has_labels());
  CHECK(must(source.load(1)).label == 1);
  for (const char* label : {"bird", "2", "-1", ""}) {
    options.from_file = dir.write("bad.txt", "\n" + a + "\t" + label + "\n");
    require_error(open({}, {image_input()}, options), "E203", {"bad.txt line 2", std::string("'") + label + "'"});
  }
  options.from_file = dir.write("missing.txt", a + "\n" + dir.path("no.png") + "\n");
  require_error(open({}, {image_input()}, options), "E204", {"no.png", "missing.txt line 2"});
  options.from_file = dir.path("nolist.txt");
  require_error(open({}, {image_input()}, options), "E204", {"nolist.txt"});
  options = {};
  options.from_file = dir.write("numbers.txt", a + "\t999\n");
  CHECK(must(open({}, {image_input()}, options)).label(0) == 999);
  options.from_file = dir.write("names.txt", a + "\tcat\n");
  require_error(open({}, {image_input()}, options), "E203", {"names.txt line 1", "--labels"});
}

TEST_CASE("samples load from several threads") {
  std::vector<InputSpec> inputs{image_input()};
  const SampleSource source =
      must(open({fixture("jpeg_420.jpg"), fixture("png_rgba.png"), fixture("bmp_24.bmp")}, inputs));
  std::vector<std::string> sums(4);
  std::vector<std::thread> threads;
  for (std::string& sum : sums)
    threads.emplace_back([&source, &sum] {
      for (int round = 0; round < 5; ++round) {
        sum.clear();
        for (std::size_t i = 0; i < source.size(); ++i) {
          const auto sample = source.load(i);
          sum += sample.ok() ? sha256({sample->inputs[0].raw(), sample->inputs[0].bytes()}) : "failed";
        }
      }
    });
  for (std::thread& t : threads) t.join();
  for (const std::string& sum : sums) CHECK(sum == sums[0]);
  CHECK(sums[0].find("failed") == std::string::npos);
}

}  // namespace
}  // namespace xpuq::samples
