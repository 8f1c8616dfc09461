#include "catch.h"
#include "opencl/group.h"
#include "opencl/kernel.h"
#include "opencl/number.h"
#include "sample_plan.h"

#include <cmath>
#include <limits>

using namespace xpuq;
using namespace xpuq::test;

namespace {

opencl::Kernel only_kernel(const Plan& plan) {
  const auto groups = opencl::group_steps(plan, [](const Step&) { return true; });
  REQUIRE(groups.size() == 1);
  auto kernels = opencl::emit(plan, groups[0]);
  REQUIRE(kernels.ok());
  REQUIRE(kernels->size() == 1);
  return (*kernels)[0];
}

Plan stem(double scale, Shape shape = {1, 3, 4, 8}) {
  SamplePlan s(1);
  const auto x = s.value(DataType::f32, std::move(shape));
  s.step(OpKind::quantize, {{"scales", Floats{scale}}, {"zero_points", Ints{-7}}, {"type", std::string("s8")}}, {x}, Layout::channels_last);
  return s.finish();
}

}  // namespace

TEST_CASE("numbers are written exactly") {
  CHECK(opencl::text(1.0f) == "0x1p+0f");
  CHECK(opencl::text(-0.1f) == "(-0x1.99999ap-4f)");
  CHECK(opencl::text(6.0f) == "0x1.8p+2f");
  CHECK(opencl::text(-0.0f) == "(-0x0p+0f)");
  CHECK(opencl::text(0x1.8p-140f) == "0x0.000600p-126f");
  CHECK(opencl::text(std::numeric_limits<float>::infinity()) == "as_float(0x7f800000u)");
  CHECK(opencl::text(std::int64_t{-5}) == "(-5)");
  CHECK(opencl::text(std::int64_t{5000000000}) == "5000000000L");
  CHECK(opencl::text(std::numeric_limits<std::int64_t>::min()) == "(-9223372036854775807L - 1L)");
  for (const float v : {0.1f, 3.4e38f, 1e-45f, 1.17549435e-38f, 7.0f / 3}) CHECK(std::strtof(opencl::text(v).c_str(), nullptr) == v);
}

TEST_CASE("the source of a quantized picture") {
  CHECK(only_kernel(stem(0.25)).source == R"(#pragma OPENCL FP_CONTRACT OFF
#ifndef XPUQ_HAS_clamp_code
#define XPUQ_HAS_clamp_code
static int xpuq_clamp_code(float q, float low, float high) {
  const float c = fmin(fmax(q, low), high);
  return q == q ? (int)c : 0;
}
#endif
static char xpuq_element(__global const float* restrict p, float a0) {
  const char v0 = (char)xpuq_clamp_code(rint(a0 * p[0]) + p[1], -128.0f, 127.0f);
  return v0;
}
__attribute__((reqd_work_group_size(64, 1, 1)))
__kernel void xpuq_pointwise(__global const float* restrict x0, __global char* restrict y0, __global const float* restrict l0) {
  const uint item = (uint)get_group_id(0) * 64u + get_local_id(0);
  if (item >= 8u) return;
  const int b = (int)item;
  const int i0 = b * 4;
  const float4 a0_0 = *(__global const float4*)(x0 + i0);
  const float4 a0_1 = *(__global const float4*)(x0 + i0 + 32);
  const float4 a0_2 = *(__global const float4*)(x0 + i0 + 64);
  char4 r0;
  r0.s0 = xpuq_element(l0, a0_0.s0);
  r0.s1 = xpuq_element(l0, a0_1.s0);
  r0.s2 = xpuq_element(l0, a0_2.s0);
  r0.s3 = xpuq_element(l0, a0_0.s1);
  *(__global char4*)(y0 + i0 * 3) = r0;
  char4 r1;
  r1.s0 = xpuq_element(l0, a0_1.s1);
  r1.s1 = xpuq_element(l0, a0_2.s1);
  r1.s2 = xpuq_element(l0, a0_0.s2);
  r1.s3 = xpuq_element(l0, a0_1.s2);
  *(__global char4*)(y0 + i0 * 3 + 4) = r1;
  char4 r2;
  r2.s0 = xpuq_element(l0, a0_2.s2);
  r2.s1 = xpuq_element(l0, a0_0.s3);
  r2.s2 = xpuq_element(l0, a0_1.s3);
  r2.s3 = xpuq_element(l0, a0_2.s3);
  *(__global char4*)(y0 + i0 * 3 + 8) = r2;
}
)");
}

TEST_CASE("sources depend on shapes and types, not on scales or numbers of values") {
  const opencl::Kernel a = only_kernel(stem(0.25)), b = only_kernel(stem(0.5)), c = only_kernel(stem(0.25, {1, 3, 8, 8}));
  CHECK(a.source == b.source);
  CHECK(a.source != c.source);
  REQUIRE(a.arguments.size() == 3);
  CHECK(a.arguments[2].literal != b.arguments[2].literal);
  CHECK(a.arguments[1].written);
  CHECK(a.group_size == std::array<std::uint32_t, 3>{64, 1, 1});
  CHECK(a.group_count == std::array<std::uint32_t, 3>{1, 1, 1});
}

TEST_CASE("what has no kernel is refused with its name") {
  SamplePlan s(1);
  s.step(OpKind::add, {}, {s.value(DataType::f64, {4}), s.value(DataType::f64, {4})});
  const Plan plan = s.finish();
  const auto groups = opencl::group_steps(plan, [](const Step&) { return true; });
  const auto kernels = opencl::emit(plan, groups[0]);
  REQUIRE(!kernels.ok());
  CHECK(kernels.error().code == "E601");
  CHECK(kernels.error().who == "add");
}

TEST_CASE("an empty output needs no kernel") {
  SamplePlan s(1);
  s.step(OpKind::relu, {}, {s.value(DataType::f32, {3, 0, 2})});
  const Plan plan = s.finish();
  const auto groups = opencl::group_steps(plan, [](const Step&) { return true; });
  const auto kernels = opencl::emit(plan, groups[0]);
  REQUIRE(kernels.ok());
  CHECK(kernels->empty());
}

TEST_CASE("indices are 64 bits wide where elements need it") {
  Plan plan;
  const TensorType type{DataType::s8, {3, 1024, 1024, 1024}, Layout::plain, {}};
  for (int i = 0; i < 2; ++i) plan.values.push_back({.name = {}, .type = type, .place = Place::arena, .offset = 0});
  plan.steps.push_back({.op = OpKind::relu, .attributes = {}, .inputs = {0}, .outputs = {1}, .origin = {}, .in_place = {}});
  plan.outputs = {1};
  const opencl::Kernel k = only_kernel(plan);
  CHECK(k.source.find("const long i0 = b * 16;") != std::string::npos);
  CHECK(k.group_count[0] == 786432);
}
