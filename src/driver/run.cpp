#include "driver/run.h"

#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstring>
#include <future>
#include <limits>

#include "driver/run_inputs.h"
#include "driver/scores.h"
#include "driver/sqnr.h"
#include "samples/npy.h"
#include "support/file.h"
#include "support/text.h"

namespace xpuq {
namespace {

/// Rows [0, count) of a batch output as a tensor of its own.
Tensor first_rows(const Tensor& t, std::int64_t count) {
  if (t.shape().empty()) return t;
  Shape shape = t.shape();
  shape[0] = std::min(count, shape[0]);
  Tensor out(t.dtype(), shape);
  std::copy_n(t.raw(), out.bytes(), out.raw());
  return out;
}

/// Outputs of all samples, joined along the first axis.
class Collected {
 public:
  void add(const std::vector<Tensor>& outputs) {
    if (parts_.empty()) parts_.resize(outputs.size());
    for (std::size_t i = 0; i < outputs.size(); ++i) parts_[i].push_back(outputs[i]);
  }
  std::vector<Tensor> joined() const {
    std::vector<Tensor> out;
    for (const auto& list : parts_) {
      Shape shape = list[0].shape();
      if (shape.empty()) shape = {0};
      else shape[0] = 0;
      for (const Tensor& t : list) shape[0] += t.shape().empty() ? 1 : t.shape()[0];
      Tensor whole(list[0].dtype(), shape);
      std::byte* at = whole.raw();
      for (const Tensor& t : list) at = std::copy_n(t.raw(), t.bytes(), at);
      out.push_back(std::move(whole));
    }
    return out;
  }

 private:
  std::vector<std::vector<Tensor>> parts_;
};

class Runner {
 public:
  Runner(const RunOptions& options, const Reporter& reporter, const std::function<void(const Prediction&)>& on_prediction)
      : options_(options), reporter_(reporter), on_prediction_(on_prediction) {}

  Result<RunResult> run() {
    const auto start = std::chrono::steady_clock::now();
    XPUQ_ASSIGN(session_, Session::open(options_.artifact, options_.device, options_.batch, {.threads = options_.threads}, options_.cache, {.public_key = options_.public_key}));
    XPUQ_ASSIGN(inputs_, open_run_inputs(*session_, options_, reporter_));
    if (!inputs_.source) return make_error("E202", "xpuq-run", "no data to run on", {}, {}, "name pictures, a folder, .npy or .npz, or --bench");
    if (options_.accuracy && !inputs_.source->has_labels())
      return make_error("E205", "--accuracy", "the data has no labels", {}, "a folder with one subfolder a class, or --from FILE with labels", "--topk shows answers without labels");
    if (!options_.reference.empty()) {
      XPUQ_ASSIGN(reference_, Session::open(options_.reference, options_.device, options_.batch, {.threads = options_.threads}, options_.cache, {.public_key = options_.public_key}));
      XPUQ_TRY(check_reference());
    }
    if (options_.accuracy) {
      accuracy_.emplace();
      accuracy_->class_names = inputs_.labels;
    }
    XPUQ_TRY(loop());
    result_.samples = done_;
    result_.accuracy = accuracy_;
    if (accuracy_) result_.accuracy->skipped = result_.skipped;
    if (reference_) result_.reference = reference_report();
    XPUQ_TRY(write_outputs());
    XPUQ_TRY(compare_expected());
    if (!options_.confusion.empty()) XPUQ_TRY(write_confusion());
    result_.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    return std::move(result_);
  }

 private:
  bool keeps_outputs() const { return !options_.output.empty() || !options_.expect.empty(); }

  Result<void> check_reference() const {
    const Plan &a = session_->plan(), &b = reference_->plan();
    bool fits = a.inputs.size() == b.inputs.size() && a.outputs.size() == b.outputs.size();
    for (std::size_t i = 0; fits && i < a.inputs.size(); ++i) fits = a.values[a.inputs[i]].type == b.values[b.inputs[i]].type;
    for (std::size_t i = 0; fits && i < a.outputs.size(); ++i) fits = a.values[a.outputs[i]].type.shape == b.values[b.outputs[i]].type.shape;
    if (fits) return {};
    return make_error("E205", "--reference " + options_.reference, "has other inputs or outputs than " + options_.artifact, {}, {}, "compile both from one model and batch");
  }

  struct Rows {
    std::vector<samples::Sample> samples;
    std::vector<std::size_t> indices;
    std::vector<std::pair<std::string, std::string>> bad;
    std::optional<Error> fatal;
    std::size_t next = 0;
  };

  Rows load(std::size_t from) const {
    Rows rows;
    std::size_t i = from;
    const auto batch = static_cast<std::size_t>(std::max<std::int64_t>(session_->batch(), 1));
    for (; i < inputs_.source->size() && rows.samples.size() < batch; ++i) {
      auto sample = inputs_.source->load(i);
      if (sample) {
        rows.samples.push_back(std::move(*sample));
        rows.indices.push_back(i);
      } else {
        rows.bad.emplace_back(inputs_.source->name(i), sample.error().what);
        if (inputs_.source->size() == 1) rows.fatal = sample.error();
      }
    }
    rows.next = i;
    return rows;
  }

  Result<void> loop() {
    const std::size_t total = inputs_.source->size();
    const auto prefetch = [&](std::size_t from) { return std::async(std::launch::async, [this, from] { return load(from); }); };
    auto ahead = prefetch(0);
    std::size_t next = 0;
    while (next < total) {
      Rows rows = ahead.get();
      if (rows.next < total) ahead = prefetch(rows.next);
      if (rows.fatal) return *rows.fatal;
      for (auto& bad : rows.bad) {
        reporter_.warning("W020", bad.first + ": skipped: " + bad.second);
        result_.bad.push_back(bad);
        ++result_.skipped;
      }
      if (!rows.samples.empty()) XPUQ_TRY(forward(rows));
      next = rows.next;
      reporter_.progress("run", next, total);
      if (const int signal = reporter_.interrupted(); signal != 0)
        return make_error(signal == 15 ? "E143" : "E130", options_.artifact, "interrupted after " + std::to_string(next) + " of " + std::to_string(total) + " samples");
    }
    return {};
  }

  Result<void> forward(const Rows& rows) {
    const std::vector<Tensor> inputs = batch_inputs(rows.samples, inputs_.specs, session_->batch());
    XPUQ_ASSIGN(const std::vector<Tensor> outputs, session_->run(inputs));
    std::vector<Tensor> other;
    if (reference_) {
      XPUQ_ASSIGN(other, reference_->run(inputs));
    }
    const auto count = static_cast<std::int64_t>(rows.samples.size());
    if (keeps_outputs()) {
      std::vector<Tensor> kept;
      for (const Tensor& t : outputs) kept.push_back(first_rows(t, count));
      collected_.add(kept);
      for (const auto& s : rows.samples) names_.push_back(s.name);
    }
    const auto scores = outputs.empty() ? std::vector<std::span<const float>>{} : class_rows(outputs[0]);
    for (std::size_t r = 0; r < rows.samples.size() && r < scores.size(); ++r) answer(rows.samples[r], scores[r]);
    if (reference_) compare(rows, outputs, other);
    done_ += static_cast<std::uint64_t>(count);
    return {};
  }

  void answer(const samples::Sample& sample, std::span<const float> scores) {
    const std::vector<int> top = top_indices(scores, 5);
    if (accuracy_ && sample.label) {
      auto& a = *accuracy_;
      ++a.images;
      a.top1 += top[0] == *sample.label;
      a.top5 += std::find(top.begin(), top.end(), *sample.label) != top.end();
      const std::size_t classes = scores.size();
      if (a.confusion.size() < classes) a.confusion.resize(classes, std::vector<std::uint64_t>(classes));
      const auto label = static_cast<std::size_t>(*sample.label);
      if (label < classes) ++a.confusion[label][static_cast<std::size_t>(top[0])];
    }
    Prediction p{.file = sample.name, .top = {}};
    const bool raw = !options_.softmax || is_distribution(scores);
    const std::vector<double> probabilities = raw ? std::vector<double>(scores.begin(), scores.end()) : softmax(scores);
    for (int i : top_indices(scores, static_cast<std::size_t>(std::max(options_.topk, 1)))) {
      const auto at = static_cast<std::size_t>(i);
      p.top.push_back({i, probabilities[at], at < inputs_.labels.size() ? inputs_.labels[at] : std::string()});
    }
    if (on_prediction_) on_prediction_(p);
    result_.predictions.push_back(std::move(p));
  }

  void compare(const Rows& rows, const std::vector<Tensor>& outputs, const std::vector<Tensor>& other) {
    const std::size_t batch = static_cast<std::size_t>(std::max<std::int64_t>(session_->batch(), 1));
    for (std::size_t r = 0; r < rows.samples.size(); ++r) {
      Sqnr one;
      for (std::size_t o = 0; o < outputs.size(); ++o) {
        if (outputs[o].dtype() != DataType::f32 || other[o].dtype() != DataType::f32) continue;
        const std::size_t row = static_cast<std::size_t>(outputs[o].elements()) / batch;
        const auto reference = other[o].span<float>().subspan(r * row, row);
        const auto own = outputs[o].span<float>().subspan(r * row, row);
        one.add(reference, own);
        noise_.add(reference, own);
      }
      if (one.db() < worst_db_) {
        worst_db_ = one.db();
        worst_file_ = rows.samples[r].name;
      }
      const auto a = class_rows(outputs[0]), b = class_rows(other[0]);
      if (r >= a.size() || r >= b.size()) continue;
      ++compared_;
      const int mine = top_indices(a[r], 1)[0], theirs = top_indices(b[r], 1)[0];
      agree_ += mine == theirs;
      if (rows.samples[r].label) reference_right_ += theirs == *rows.samples[r].label;
    }
  }

  ReferenceReport reference_report() const {
    ReferenceReport r;
    const double n = compared_ ? static_cast<double>(compared_) : 1;
    r.top1_agreement = 100.0 * static_cast<double>(agree_) / n;
    r.reference_top1 = 100.0 * static_cast<double>(reference_right_) / n;
    r.sqnr_db = noise_.db();
    r.worst_file = worst_file_;
    r.worst_sqnr_db = worst_db_;
    return r;
  }

  std::vector<std::string> output_names() const {
    std::vector<std::string> names;
    const Json& info = session_->artifact().info;
    for (std::size_t i = 0; i < session_->plan().outputs.size(); ++i) {
      std::string name = session_->plan().values[session_->plan().outputs[i]].name;
      if (name.empty() && info.contains("outputs") && info["outputs"].is_array() && i < info["outputs"].size()) name = info["outputs"][i].value("name", "");
      if (name.empty() || std::find(names.begin(), names.end(), name) != names.end()) name = "output" + std::to_string(i);
      names.push_back(name);
    }
    return names;
  }

  static std::string_view text_of(const std::vector<std::byte>& bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

  Result<void> write_outputs() const {
    if (options_.output.empty() || done_ == 0) return {};
    const std::vector<Tensor> outputs = collected_.joined();
    const std::vector<std::string> names = output_names();
    samples::NamedTensors named;
    for (std::size_t i = 0; i < outputs.size(); ++i) named.emplace_back(names[i], outputs[i]);
    if (options_.output.ends_with(".npz")) {
      XPUQ_ASSIGN(const auto bytes, samples::write_npz(named, options_.output));
      return write_file(options_.output, text_of(bytes));
    }
    if (options_.output.ends_with(".npy")) {
      if (outputs.size() != 1) return make_error("E205", "-o " + options_.output, "a .npy file holds one output, the model has " + std::to_string(outputs.size()), {}, {}, "-o FILE.npz");
      return write_file(options_.output, text_of(samples::write_npy(outputs[0])));
    }
    return write_folder(outputs, names);
  }

  /// A folder: one .npz a sample, numbered in the order of the data.
  Result<void> write_folder(const std::vector<Tensor>& outputs, const std::vector<std::string>& names) const {
    if (::mkdir(options_.output.c_str(), 0777) != 0 && errno != EEXIST) return make_error("E101", options_.output, "cannot be created", std::strerror(errno));
    for (std::size_t s = 0; s < names_.size(); ++s) {
      samples::NamedTensors named;
      for (std::size_t i = 0; i < outputs.size(); ++i) {
        Shape shape = outputs[i].shape();
        shape[0] = 1;
        Tensor row(outputs[i].dtype(), shape);
        std::copy_n(outputs[i].raw() + s * row.bytes(), row.bytes(), row.raw());
        named.emplace_back(names[i], row);
      }
      std::string number = std::to_string(s);
      number.insert(0, number.size() < 6 ? 6 - number.size() : 0, '0');
      const std::string path = options_.output + "/" + number + "-" + with_extension(base_name(names_[s]), ".npz");
      XPUQ_ASSIGN(const auto bytes, samples::write_npz(named, path));
      XPUQ_TRY(write_file(path, text_of(bytes)));
    }
    return {};
  }

  Result<void> compare_expected() {
    if (options_.expect.empty()) return {};
    XPUQ_ASSIGN(const MappedFile file, map_file(options_.expect, "E102"));
    samples::NamedTensors expected;
    if (options_.expect.ends_with(".npy")) {
      XPUQ_ASSIGN(Tensor t, samples::read_npy(file.bytes, options_.expect));
      expected.emplace_back("", std::move(t));
    } else {
      XPUQ_ASSIGN(expected, samples::read_npz(file.bytes, options_.expect));
    }
    const std::vector<Tensor> outputs = collected_.joined();
    const std::vector<std::string> names = output_names();
    for (const auto& [name, want] : expected) {
      const auto it = name.empty() ? names.begin() : std::find(names.begin(), names.end(), name);
      if (it == names.end()) return make_error("E205", options_.expect, "holds '" + name + "', which is no output", {}, join(names, ", "));
      const Tensor& have = outputs[static_cast<std::size_t>(it - names.begin())];
      if (have.shape() != want.shape() || have.dtype() != want.dtype()) {
        result_.mismatch = make_error("E604", options_.expect, "output '" + *it + "' has another shape or type", std::string(to_string(have.dtype())) + " " + to_string(have.shape()), std::string(to_string(want.dtype())) + " " + to_string(want.shape()));
        return {};
      }
      if (!matches(have, want, *it)) return {};
    }
    return {};
  }

  /// Sets result_.mismatch at the first element out of tolerance, or when the noise is above --min-sqnr.
  bool matches(const Tensor& have, const Tensor& want, const std::string& name) {
    const auto fail = [&](std::string what, std::string got, std::string expected) {
      result_.mismatch = make_error("E604", options_.expect, "output '" + name + "' " + what, std::move(got), std::move(expected));
      return false;
    };
    if (have.dtype() != DataType::f32) {
      const bool equal = std::equal(have.raw(), have.raw() + have.bytes(), want.raw());
      return equal || fail("differs", "", "equal elements");
    }
    const auto a = have.span<float>(), b = want.span<float>();
    if (options_.min_sqnr) {
      Sqnr noise;
      noise.add(b, a);
      return noise.db() >= *options_.min_sqnr || fail("is too noisy", format_fixed(noise.db(), 1) + " dB", "at least " + format_fixed(*options_.min_sqnr, 1) + " dB");
    }
    for (std::size_t i = 0; i < a.size(); ++i) {
      const double tolerance = options_.atol + options_.rtol * std::abs(static_cast<double>(b[i]));
      const bool same = a[i] == b[i] || (std::isnan(a[i]) && std::isnan(b[i]));
      if (!same && !(std::abs(static_cast<double>(a[i]) - b[i]) <= tolerance))
        return fail("differs at element " + std::to_string(i), format_f32(a[i]), format_f32(b[i]) + " within " + format_f64(tolerance));
    }
    return true;
  }

  Result<void> write_confusion() const {
    std::string csv = "label";
    const auto& m = accuracy_ ? accuracy_->confusion : std::vector<std::vector<std::uint64_t>>{};
    const auto name = [&](std::size_t i) { return i < inputs_.labels.size() ? inputs_.labels[i] : std::to_string(i); };
    for (std::size_t i = 0; i < m.size(); ++i) csv += "," + name(i);
    csv += "\n";
    for (std::size_t i = 0; i < m.size(); ++i) {
      csv += name(i);
      for (std::uint64_t n : m[i]) csv += "," + std::to_string(n);
      csv += "\n";
    }
    return write_file(options_.confusion, csv);
  }

  const RunOptions& options_;
  const Reporter& reporter_;
  const std::function<void(const Prediction&)>& on_prediction_;
  std::optional<Session> session_, reference_;
  RunInputs inputs_;
  RunResult result_;
  std::optional<Accuracy> accuracy_;
  Collected collected_;
  std::vector<std::string> names_;
  std::uint64_t done_ = 0, compared_ = 0, agree_ = 0, reference_right_ = 0;
  Sqnr noise_;
  double worst_db_ = std::numeric_limits<double>::infinity();
  std::string worst_file_;
};

}  // namespace

Result<RunResult> run(const RunOptions& options, const Reporter& reporter, const std::function<void(const Prediction&)>& on_prediction) {
  return Runner(options, reporter, on_prediction).run();
}

}  // namespace xpuq
