// .npy and .npz: what NumPy writes is read, what is written reads back, and lies are refused.
#include <zip.h>

#include <cmath>
#include <cstring>

#include "sample_test.h"
#include "samples/convert.h"
#include "samples/npy.h"
#include "samples/splitmix.h"

namespace xpuq::samples {
namespace {

using namespace test;

ByteVector npy(const std::string& dictionary, const std::string& numbers, int major = 1) {
  std::string out("\x93NUMPY", 6);
  out += static_cast<char>(major);
  out += '\0';
  out += static_cast<char>(dictionary.size() & 255);
  out += static_cast<char>(dictionary.size() >> 8 & 255);
  if (major == 2) out += std::string(2, '\0');
  return to_bytes(out + dictionary + numbers);
}

std::string dictionary(const std::string& type, const std::string& shape, bool fortran = false) {
  return "{'descr': '" + type + "', 'fortran_order': " + (fortran ? "True" : "False") + ", 'shape': " + shape + ", }\n";
}

template <class T>
std::string raw(std::initializer_list<T> values) {
  std::string out;
  for (T v : values) out.append(reinterpret_cast<const char*>(&v), sizeof v);
  return out;
}

template <class T>
std::vector<T> values(const Tensor& t) {
  const auto span = t.span<T>();
  return {span.begin(), span.end()};
}

TEST_CASE("npy element types and orders") {
  const auto read = [](const std::string& type, const std::string& shape, const std::string& numbers,
                       bool fortran = false) {
    return must(read_npy(npy(dictionary(type, shape, fortran), numbers), "a.npy"));
  };
  CHECK(values<float>(read("<f4", "(2,)", raw<float>({1.5f, -2}))) == std::vector<float>{1.5f, -2});
  CHECK(values<double>(read("<f8", "(1,)", raw<double>({0.1}))) == std::vector<double>{0.1});
  CHECK(read("<f2", "(2, 1)", raw<std::uint16_t>({0x3c00, 0xc000})).dtype() == DataType::f16);
  CHECK(values<std::int8_t>(read("|i1", "(2,)", "\x01\xff")) == std::vector<std::int8_t>{1, -1});
  CHECK(values<std::int16_t>(read("<i2", "(1,)", raw<std::int16_t>({-300}))) == std::vector<std::int16_t>{-300});
  CHECK(values<std::int32_t>(read("<i4", "(1,)", raw<std::int32_t>({-70000}))) == std::vector<std::int32_t>{-70000});
  CHECK(values<std::int64_t>(read("<i8", "(1,)", raw<std::int64_t>({-1}))) == std::vector<std::int64_t>{-1});
  CHECK(values<std::uint8_t>(read("|u1", "(1,)", "\xfe")) == std::vector<std::uint8_t>{254});
  CHECK(values<std::uint8_t>(read("|b1", "(2,)", std::string("\x07\x00", 2))) == std::vector<std::uint8_t>{1, 0});
  CHECK(values<float>(read(">f4", "(1,)", std::string("\x3f\xc0\0\0", 4))) == std::vector<float>{1.5f});
  CHECK(values<std::int16_t>(read(">i2", "(2,)", std::string("\x00\x01\xff\xff", 4))) ==
        std::vector<std::int16_t>{1, -1});
  CHECK(read("<f4", "()", raw<float>({3})).shape().empty());
  CHECK(read("<f4", "(0, 5)", "").shape() == Shape{0, 5});
  CHECK(values<std::uint8_t>(read("|u1", "(2, 3)", std::string("\1\2\3\4\5\6"), true)) ==
        std::vector<std::uint8_t>{1, 3, 5, 2, 4, 6});
  CHECK(values<std::uint8_t>(read("|u1", "(2, 2, 2)", std::string("\1\2\3\4\5\6\7\10"), true)) ==
        std::vector<std::uint8_t>{1, 5, 3, 7, 2, 6, 4, 8});
  CHECK(values<std::uint8_t>(must(read_npy(npy(dictionary("|u1", "(1,)"), "x", 2), "a.npy")))[0] == 'x');
  // Another order of keys, other quotes, no trailing comma: all legal Python.
  CHECK(read_npy(npy("{\"shape\":(1,2),\"fortran_order\":False,\"descr\":\"<f4\"}", raw<float>({1, 2})), "a.npy").ok());
}

TEST_CASE("damaged npy files") {
  const std::string two = raw<float>({1, 2});
  const ByteVector good = npy(dictionary("<f4", "(2,)"), two);
  std::size_t accepted = 0;
  for (std::size_t n = 0; n < good.size(); ++n) {
    const auto result = read_npy(std::span(good).first(n), "cut.npy");
    accepted += result.ok();
    if (!result.ok()) CHECK(result.error().text().starts_with("E102: cut.npy: "));
  }
  CHECK(accepted == 0);
  const auto refused = [&](const std::string& header, const std::string& numbers,
                           std::initializer_list<std::string> words) {
    INFO(header);
    const auto result = read_npy(npy(header, numbers), "x/bad.npy");
    require_error(result, "E102", {"x/bad.npy"});
    require_error(result, "E102", words);
  };
  refused(dictionary("<f4", "(3,)"), two, {"truncated", "12 bytes"});
  refused(dictionary("<f4", "(1,)"), two, {"behind the array"});
  refused(dictionary("<f4", "(9223372036854775807, 4)"), two, {});
  refused(dictionary("<f4", "(4611686018427387904,)"), two, {});
  refused(dictionary("<f4", "(4294967296, 4294967296)"), two, {"too large"});
  refused(dictionary("<f4", "(65536, 65536)"), two, {"too large", "8 GiB"});
  refused(dictionary("<f4", "(1000000000,)"), two, {"truncated"});
  refused(dictionary("<f4", "(-2,)"), two, {"shape"});
  refused(dictionary("<f4", "(1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1)"), raw<float>({1}), {"shape", "16"});
  refused(dictionary("<f4", "2"), two, {"shape"});
  refused(dictionary("<c8", "(1,)"), two, {"<c8", "f4"});
  refused(dictionary("|O", "(1,)"), two, {"|O"});
  refused(dictionary("<u2", "(4,)"), two, {"<u2"});
  refused("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (2,), }", two, {"structured"});
  refused("{'descr': '<f4', 'fortran_order': False, }", two, {"all its keys"});
  refused("{'descr': '<f4', 'fortran_order': 0, 'shape': (2,), }", two, {"fortran_order"});
  refused("{'descr': '<f4', 'fortran_order': False, 'shape': (2,), 'x': 1}", two, {"'x'"});
  refused("{'descr': '<f4', 'descr': '<f4', 'shape': (2,)}", two, {"descr"});
  refused("{'descr': '<f4', 'fortran_order': False, 'shape': (2,), } import os", two, {"behind"});
  refused("{'descr': '<f4', 'fortran_order': False, 'shape': (2,)", two, {"dictionary"});
  refused("", two, {"dictionary"});
  refused("[]", two, {"dictionary"});
  require_error(read_npy(npy(dictionary("<f4", "(2,)"), two, 3), "v3.npy"), "E102", {"v3.npy", "version", "3"});
  require_error(read_npy(to_bytes("NUMPY is fun, is it not"), "no.npy"), "E102", {"no.npy", "not a .npy"});
  ByteVector huge = npy(dictionary("<f4", "(2,)"), two, 2);
  huge[11] = std::byte{0x7f};
  require_error(read_npy(huge, "long.npy"), "E102", {"long.npy", "at most 65536"});
}

TEST_CASE("what is written reads back, and looks as NumPy writes it") {
  const Tensor t = Tensor::of<float>(DataType::f32, {2, 3}, std::vector<float>{1, 2, 3, 4, 5, 6});
  const ByteVector bytes = write_npy(t);
  CHECK(bytes.size() == 128 + 24);
  const std::string head(reinterpret_cast<const char*>(bytes.data()), 128);
  CHECK(head.substr(10, 59) == "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }");
  CHECK(head.back() == '\n');
  const Tensor back = must(read_npy(bytes, "a"));
  CHECK(back.shape() == t.shape());
  CHECK(values<float>(back) == values<float>(t));
  for (DataType d : {DataType::f16, DataType::f64, DataType::s8, DataType::u8, DataType::s16, DataType::s32,
                     DataType::s64, DataType::boolean}) {
    const Tensor other = must(read_npy(write_npy(Tensor(d, {5})), "a"));
    CHECK(other.dtype() == d);
    CHECK(other.shape() == Shape{5});
  }
  const Tensor bf16 = must(convert(t, DataType::bf16, "a"));
  CHECK(values<float>(must(read_npy(write_npy(bf16), "a"))) == values<float>(t));
  CHECK(must(read_npy(write_npy(Tensor::scalar_f32(2)), "a")).shape().empty());
}

NamedTensors two_tensors() {
  return {{"image", Tensor::of<float>(DataType::f32, {2, 2}, std::vector<float>{1, 2, 3, 4})},
          {"ids", Tensor::of<std::int64_t>(DataType::s64, {2}, std::vector<std::int64_t>{7, 8})}};
}

TEST_CASE("npz round trip is deterministic") {
  const ByteVector bytes = must(write_npz(two_tensors(), "a.npz"));
  CHECK(bytes == must(write_npz(two_tensors(), "a.npz")));
  const NamedTensors back = must(read_npz(bytes, "a.npz"));
  REQUIRE(back.size() == 2);
  CHECK(back[0].first == "image");
  CHECK(back[1].first == "ids");
  CHECK(values<std::int64_t>(back[1].second) == std::vector<std::int64_t>{7, 8});
  CHECK(values<float>(back[0].second) == std::vector<float>{1, 2, 3, 4});
}

TEST_CASE("damaged npz files") {
  const ByteVector good = must(write_npz(two_tensors(), "a.npz"));
  for (std::size_t n = 0; n < good.size(); n += 3) {
    const auto result = read_npz(std::span(good).first(n), "cut.npz");
    REQUIRE_FALSE(result.ok());
    CHECK(result.error().text().starts_with("E102: cut.npz"));
  }
  require_error(read_npz(to_bytes("PK\3\4 nothing"), "no.npz"), "E102", {"no.npz"});
  // One bit of the stored numbers: only the checksum tells.
  ByteVector flipped = good;
  flipped[30 + 9 + 128 + 5] ^= std::byte{1};
  require_error(read_npz(flipped, "crc.npz"), "E102", {"crc.npz", "CRC"});
  ByteVector magic = good;
  magic[0] = std::byte{'Q'};
  require_error(read_npz(magic, "magic.npz"), "E102", {"magic.npz"});
  // Sizes of the central directory's first entry set to almost 4 GiB.
  ByteVector size = good;
  for (std::size_t i = 0; i + 4 < size.size(); ++i)
    if (std::memcmp(size.data() + i, "PK\1\2", 4) == 0) {
      for (std::size_t k = 20; k < 28; ++k) size[i + k] = k % 4 == 3 ? std::byte{0xf0} : std::byte{0xff};
      break;
    }
  require_error(read_npz(size, "size.npz"), "E102", {"size.npz"});
  NamedTensors twice = two_tensors();
  twice[1].first = "image";
  CHECK_FALSE(write_npz(twice, "twice.npz").ok());
  SplitMix random(3);
  for (int i = 0; i < 1500; ++i) {
    ByteVector bytes = good;
    for (int k = 0; k < 2; ++k) bytes[random.below(bytes.size())] = static_cast<std::byte>(random.next());
    const auto result = read_npz(bytes, "m.npz");  // any outcome, but no crash
    if (!result.ok() && result.error().text().find("m.npz") == std::string::npos) FAIL("unnamed error");
  }
}

TEST_CASE("a deflated archive that unpacks to much more is refused by its claim") {
  // 40 MB of zeros deflate to about 40 kB: within deflate's reach, so it is read; the entry itself is no array.
  zip_error_t error;
  zip_source_t* target = zip_source_buffer_create(nullptr, 0, 0, &error);
  zip_source_keep(target);
  zip_t* archive = zip_open_from_source(target, ZIP_CREATE, &error);
  const std::vector<char> zeros(40 << 20);
  zip_file_add(archive, "a.npy", zip_source_buffer(archive, zeros.data(), zeros.size(), 0), 0);
  REQUIRE(zip_close(archive) == 0);
  zip_stat_t info;
  zip_source_stat(target, &info);
  ByteVector bytes(info.size);
  zip_source_open(target);
  zip_source_read(target, bytes.data(), bytes.size());
  zip_source_close(target);
  zip_source_free(target);
  require_error(read_npz(bytes, "bomb.npz"), "E102", {"bomb.npz", "not a .npy"});
}

TEST_CASE("conversion keeps every value or is refused") {
  const Tensor reals = Tensor::of<float>(DataType::f32, {3}, std::vector<float>{1, -2, 127});
  CHECK(values<std::int8_t>(must(convert(reals, DataType::s8, "a"))) == std::vector<std::int8_t>{1, -2, 127});
  require_error(convert(reals, DataType::u8, "a.npy"), "E103", {"a.npy", "f32", "u8", "-2 at element 1"});
  const Tensor half = Tensor::of<float>(DataType::f32, {1}, std::vector<float>{2.5f});
  require_error(convert(half, DataType::s64, "a.npy"), "E103", {"2.5 at element 0"});
  for (float v : {NAN, INFINITY, 1e30f}) {
    const Tensor odd = Tensor::of<float>(DataType::f32, {1}, std::vector<float>{v});
    require_error(convert(odd, DataType::s64, "a.npy"), "E103", {"a.npy"});
    CHECK(convert(odd, DataType::f16, "a.npy").ok());
  }
  const Tensor big = Tensor::of<std::int64_t>(DataType::s64, {1}, std::vector<std::int64_t>{(1 << 24) + 1});
  require_error(convert(big, DataType::f32, "a.npy"), "E103", {"16777217"});
  CHECK(values<std::int32_t>(must(convert(big, DataType::s32, "a")))[0] == (1 << 24) + 1);
  CHECK(values<double>(must(convert(big, DataType::f64, "a")))[0] == (1 << 24) + 1);
  const Tensor most = Tensor::of<std::int64_t>(DataType::s64, {1}, std::vector<std::int64_t>{INT64_MAX});
  CHECK_FALSE(convert(most, DataType::f64, "a").ok());
  CHECK_FALSE(convert(most, DataType::f16, "a").ok());
  CHECK_FALSE(convert(reals, DataType::boolean, "a").ok());
  CHECK(values<float>(must(convert(Tensor(DataType::boolean, {2}), DataType::f32, "a"))) == std::vector<float>{0, 0});
}

TEST_CASE("half floats round to nearest even") {
  const auto to_half = [](float v) {
    return must(convert(Tensor::of<float>(DataType::f32, {1}, std::vector<float>{v}), DataType::f16, "a"))
        .data<std::uint16_t>()[0];
  };
  CHECK(to_half(1.0f) == 0x3c00);
  CHECK(to_half(-2.0f) == 0xc000);
  CHECK(to_half(65504.0f) == 0x7bff);
  CHECK(to_half(65519.0f) == 0x7bff);
  CHECK(to_half(65520.0f) == 0x7c00);
  CHECK(to_half(1.0f + 1.0f / 2048) == 0x3c00);
  CHECK(to_half(1.0f + 3.0f / 2048) == 0x3c02);
  CHECK(to_half(std::ldexp(1.0f, -24)) == 1);
  CHECK(to_half(std::ldexp(1.0f, -25)) == 0);
  CHECK(to_half(std::ldexp(3.0f, -26)) == 1);
  CHECK(to_half(std::ldexp(1.0f, -14)) == 0x0400);
  for (std::uint32_t bits = 0; bits < 65536; ++bits) {  // every finite half survives the way to f32 and back
    if ((bits & 0x7c00) == 0x7c00) continue;
    const auto h = static_cast<std::uint16_t>(bits);
    const Tensor wide = to_f32(Tensor::of<std::uint16_t>(DataType::f16, {1}, std::span<const std::uint16_t>(&h, 1)));
    if (to_half(wide.data<float>()[0]) != h) FAIL("half " << bits);
  }
}

}  // namespace
}  // namespace xpuq::samples
