#include <cmath>

#include "profile/profile.h"
#include "support/check.h"
#include "support/sha256.h"

namespace xpuq {
namespace {

// Zeros in a row from which on the run [0,n] is shorter than the zeros.
constexpr std::size_t kLeastRun = 3;

std::string json_text(const std::string& text) {
  return Json(text).dump(-1, ' ', false, Json::error_handler_t::replace);
}

// Appends `"key":` with a comma in front when it is not the first member.
class Members {
 public:
  explicit Members(std::string& out) : out_(out) { out_ += '{'; }
  std::string& operator()(std::string_view key, std::string_view separator = ",") {
    if (!first_) out_ += separator;
    first_ = false;
    out_ += '"';
    out_ += key;
    return out_ += "\":";
  }
  void text(std::string_view key, const std::string& value) { (*this)(key) += json_text(value); }
  void whole(std::string_view key, std::uint64_t value) { (*this)(key) += std::to_string(value); }
  void real(std::string_view key, float value) { (*this)(key) += format_f32(value); }
  void close() { out_ += '}'; }

 private:
  std::string& out_;
  bool first_ = true;
};

// An array with one element a line.
template <class Items, class Write>
void write_lines(std::string& out, const Items& items, const Write& write) {
  out += '[';
  bool first = true;
  for (const auto& item : items) {
    out += first ? "\n" : ",\n";
    first = false;
    write(item);
  }
  out += first ? "]" : "\n]";
}

void write_counts(std::string& out, const std::vector<float>& counts) {
  out += '[';
  for (std::size_t i = 0; i < counts.size();) {
    if (i > 0) out += ',';
    std::size_t end = i;
    while (end < counts.size() && counts[end] == 0.0f) ++end;
    if (end - i >= kLeastRun) {
      out += "[0,";
      out += std::to_string(end - i);
      out += ']';
      i = end;
    } else {
      out += format_f32(counts[i++]);
    }
  }
  out += ']';
}

void write_stats(Members& members, std::string& out, const qmath::ObserverState& s) {
  members.whole("count", s.count);
  if (s.never_observed()) {
    for (const char* key : {"min", "max", "moving"}) members(key) += "null";
  } else {
    members.real("min", s.min);
    members.real("max", s.max);
    members("moving") += '[';
    out += format_f32(s.moving_lo);
    out += ',';
    out += format_f32(s.moving_hi);
    out += ']';
  }
  members("histogram");
  Members histogram(out);
  histogram.whole("bins", s.histogram.counts.size());
  if (!s.never_observed()) {
    histogram.real("lo", s.histogram.lo);
    histogram.real("hi", s.histogram.hi);
  }
  histogram("counts");
  write_counts(out, s.histogram.counts);
  histogram.close();
  members.whole("nonfinite", s.nonfinite);
}

void write_model(std::string& out, const ProfileModel& m) {
  Members members(out);
  members.text("file", m.file);
  members.text("format", m.format);
  if (m.opset > 0) members.whole("opset", m.opset);
  if (!m.export_schema.empty()) members.text("schema", m.export_schema);
  members.text("graph_sha256", m.graph_sha256);
  members.text("weights_sha256", m.weights_sha256);
  members.close();
}

void write_preprocessing(std::string& out, const Json& preprocessing) {
  out += '{';
  bool first = true;
  for (const auto& [input, record] : preprocessing.items()) {
    out += first ? "\n" : ",\n";
    first = false;
    out += json_text(input);
    out += ':';
    out += record.dump(-1, ' ', false, Json::error_handler_t::replace);
  }
  out += first ? "}" : "\n}";
}

void write_data(std::string& out, const ProfileData& d) {
  Members members(out);
  members.whole("count", d.count);
  members.whole("batch", d.batch);
  members.whole("dropped", d.dropped);
  members.text("selection", d.selection);
  members.whole("seed", d.seed);
  members.text("list_sha256", d.list_sha256);
  write_lines(members("files"), d.files, [&out](const std::string& file) { out += json_text(file); });
  write_lines(members("bad"), d.bad, [&out](const BadFile& bad) {
    Members entry(out);
    entry.text("file", bad.file);
    entry.text("why", bad.why);
    entry.close();
  });
  members.close();
}

void write_value(std::string& out, const ProfileValue& v) {
  Members members(out);
  members.text("name", v.name);
  members.text("node", v.node);
  members.text("op", v.op);
  members("shape") += Json(v.shape).dump();
  write_stats(members, out, v.stats);
  if (v.sqnr_db) members.real("sqnr_db", *v.sqnr_db);
  members.close();
}

void write_layer(std::string& out, const ProfileLayer& layer) {
  Members members(out);
  members.text("name", layer.name);
  members.text("node", layer.node);
  members.real("sqnr_db", layer.sqnr_db);
  members.real("output_sqnr_db", layer.output_sqnr_db);
  members.close();
}

void write_group(std::string& out, const ProfileGroup& g) {
  Members members(out);
  members("members") += Json(g.members).dump(-1, ' ', false, Json::error_handler_t::replace);
  write_stats(members, out, g.stats);
  members.close();
}

}  // namespace

std::string write_profile(const Profile& p) {
  std::string out;
  Members members(out);
  members("schema") += json_text(std::string(kProfileSchema) + std::to_string(kProfileMajor));
  const auto line = [&members](std::string_view key) { members(key, ",\n"); };
  line("model");
  write_model(out, p.model);
  line("preprocessing");
  write_preprocessing(out, p.preprocessing);
  line("data");
  write_data(out, p.data);
  line("shard");
  if (p.shard) {
    Members shard(out);
    shard.whole("index", p.shard->index);
    shard.whole("count", p.shard->count);
    shard.close();
  } else {
    out += "null";
  }
  line("method");
  out += json_text(p.method);
  line("moving_constant");
  out += format_f32(p.moving_constant);
  line("values");
  write_lines(out, p.values, [&](const ProfileValue& v) {
    XPUQ_CHECK(v.stats.moving_constant == p.moving_constant, "a value has another moving constant");
    write_value(out, v);
  });
  line("groups");
  write_lines(out, p.groups, [&](const ProfileGroup& g) { write_group(out, g); });
  if (!p.layers.empty()) {
    line("layers");
    write_lines(out, p.layers, [&](const ProfileLayer& layer) { write_layer(out, layer); });
  }
  out += ",\n";
  const std::string sum = sha256_hex(out);
  out += "\"integrity\":\"";
  out += sum;
  return out += "\"}\n";
}

}  // namespace xpuq
