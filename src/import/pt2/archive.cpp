#include "import/pt2/archive.h"

#include <algorithm>

namespace xpuq::pt2 {
namespace {

constexpr std::uint64_t kLargestJson = std::uint64_t{512} << 20;
constexpr std::uint64_t kLargestPickle = std::uint64_t{64} << 20;
constexpr std::uint64_t kLargestPayload = std::uint64_t{1} << 40;

std::string trimmed(std::string s) {
  while (!s.empty() && (s.back() == '\n' || s.back() == '\r' || s.back() == ' ')) s.pop_back();
  return s;
}

/// The folder that holds `marker`: "NAME/" or "" when it lies at the root; empty when it is not there.
std::optional<std::string> folder_of(const ZipArchive& zip, std::string_view marker) {
  for (const ZipEntry& e : zip.entries()) {
    if (e.name == marker) return std::string();
    const std::size_t slash = e.name.find('/');
    if (slash != std::string::npos && std::string_view(e.name).substr(slash + 1) == marker)
      return e.name.substr(0, slash + 1);
  }
  return std::nullopt;
}

std::optional<Shape> concrete(const Json* list) {
  if (!list || !list->is_array()) return std::nullopt;
  Shape out;
  for (const Json& item : *list) {
    const auto v = integer_of(field(&item, "as_int"));
    if (!v) return std::nullopt;
    out.push_back(*v);
  }
  return out;
}

}  // namespace

std::string kind_of_zip(const ZipArchive& zip) {
  const auto has = [&](std::string_view marker) { return folder_of(zip, marker).has_value(); };
  if (has("constants.pkl")) return "a TorchScript archive (torch.jit.save)";
  if (has("data.pkl")) return "a pickle archive (torch.save), which holds weights but no graph";
  if (has("data/aotinductor/model")) return "an AOTInductor package";
  return "a zip archive without a program";
}

Error Archive::defect(std::string what, std::string got, std::string expected, std::string code) const {
  return {.code = std::move(code),
          .who = file_,
          .what = std::move(what),
          .got = std::move(got),
          .expected = std::move(expected),
          .remedy = "save the model again: torch.export.save(torch.export.export(model.eval(), args), \"model.pt2\")",
          .node = {}};
}

Result<Archive> Archive::open(const std::string& file, std::span<const std::byte> bytes,
                              std::shared_ptr<const void> owner) {
  Archive a(file);
  a.owner_ = std::move(owner);
  XPUQ_ASSIGN(ZipArchive zip, ZipArchive::open(bytes, "E307", file));
  a.zip_ = std::make_unique<ZipArchive>(std::move(zip));
  if (const auto prefix = folder_of(*a.zip_, "archive_format")) {
    XPUQ_TRY(a.open_current(*prefix));
  } else if (a.zip_->find("serialized_exported_program.json")) {
    XPUQ_TRY(a.open_old());
  } else {
    return a.defect("is not a torch.export archive", kind_of_zip(*a.zip_),
                    "NAME/archive_format and NAME/models/*.json");
  }
  return a;
}

Result<std::string> Archive::read_text(const std::string& entry) const {
  const ZipEntry* e = zip_->find(entry);
  if (!e) return defect("has no entry '" + entry + "'");
  XPUQ_ASSIGN(std::string text, zip_->read(*e, 4096));
  return trimmed(std::move(text));
}

Result<Json> Archive::read_json(const std::string& entry) const {
  const ZipEntry* e = zip_->find(entry);
  if (!e) return defect("has no entry '" + entry + "'");
  XPUQ_ASSIGN(const std::string text, zip_->read(*e, kLargestJson));
  return parse_json(text, "E307", file_ + ": " + entry);
}

Result<void> Archive::check_byte_order(const ZipArchive& zip, const std::string& entry) const {
  const ZipEntry* e = zip.find(entry);
  if (!e) return {};  // only written since torch 2.1
  XPUQ_ASSIGN(std::string order, zip.read(*e, 4096));
  order = trimmed(std::move(order));
  if (order == "little") return {};
  return defect("was written on a machine with another byte order", order, "little", "E303");
}

Result<void> Archive::open_current(const std::string& prefix) {
  XPUQ_ASSIGN(const std::string format, read_text(prefix + "archive_format"));
  if (format != "pt2") return defect("has another archive format", format, "pt2", "E303");
  if (zip_->find(prefix + "archive_version")) {
    XPUQ_ASSIGN(const std::string version, read_text(prefix + "archive_version"));
    if (version != "0") return defect("has an archive version that this program does not know", version, "0", "E303");
  }
  XPUQ_TRY(check_byte_order(*zip_, prefix + "byteorder"));

  std::vector<std::string> models;
  const std::string folder = prefix + "models/";
  for (const ZipEntry& e : zip_->entries())
    if (e.name.starts_with(folder) && e.name.ends_with(".json"))
      models.push_back(e.name.substr(folder.size(), e.name.size() - folder.size() - 5));
  if (models.empty()) return defect("holds no program", kind_of_zip(*zip_), folder + "*.json");
  const auto usual = std::find(models.begin(), models.end(), "model");
  if (models.size() > 1 && usual == models.end()) {
    std::string names;
    for (const std::string& m : models) names += (names.empty() ? "'" : ", '") + m + "'";
    return defect("holds several programs", names, "one, or one that is named 'model'");
  }
  const std::string model = usual != models.end() ? *usual : models[0];
  XPUQ_ASSIGN(program_, read_json(folder + model + ".json"));
  XPUQ_TRY(read_config(prefix + "data/weights/", model + "_weights_config.json"));
  return read_config(prefix + "data/constants/", model + "_constants_config.json");
}

Result<void> Archive::read_config(const std::string& folder, const std::string& path) {
  if (!zip_->find(folder + path)) return {};  // a program without weights has none
  XPUQ_ASSIGN(Json document, read_json(folder + path));
  configs_.push_back(std::make_unique<Json>(std::move(document)));
  const Json* config = field(configs_.back().get(), "config");
  if (!config || !config->is_object()) return defect("has an entry '" + folder + path + "' without a 'config' object");
  for (const auto& [fqn, meta] : config->items()) payloads_.emplace(fqn, Payload{folder, &meta});
  return {};
}

Result<StoredTensor> Archive::tensor(const std::string& fqn) const {
  if (const auto it = payloads_.find(fqn); it != payloads_.end()) return current_tensor(fqn, it->second);
  for (const auto& nested : nested_)
    if (const auto it = nested->tensors.find(fqn); it != nested->tensors.end())
      return old_tensor(fqn, *nested, it->second);
  return defect("has no data for '" + fqn + "'");
}

Result<StoredTensor> Archive::current_tensor(const std::string& fqn, const Payload& payload) const {
  const std::string who = "data of '" + fqn + "'";
  const Json* pickled = field(payload.meta, "use_pickle");
  if (pickled && pickled->is_boolean() && pickled->get<bool>())
    return defect("keeps the " + who + " as a Python object", "use_pickle", "a plain tensor");
  const auto path = text_of(field(payload.meta, "path_name"));
  const Json* meta = field(payload.meta, "tensor_meta");
  const auto code = integer_of(field(meta, "dtype"));
  const auto sizes = concrete(field(meta, "sizes"));
  const auto strides = concrete(field(meta, "strides"));
  const auto offset = integer_of(field(field(meta, "storage_offset"), "as_int"));
  const auto layout = integer_of(field(meta, "layout"));
  if (!path || !code || !sizes || !strides) return defect("describes the " + who + " incompletely");
  if (layout.value_or(7) != 7)
    return defect("keeps the " + who + " in a sparse layout", "layout " + std::to_string(*layout), "7 (strided)");
  const auto dtype = element_type(*code);
  if (!dtype)
    return defect("keeps the " + who + " in an element type that is not supported", element_type_name(*code),
                  "float32 or an integer type", "E305");
  StoredTensor out{.dtype = *dtype,
                   .shape = *sizes,
                   .strides = *strides,
                   .offset = offset.value_or(0),
                   .storage = {},
                   .owner = {},
                   .identity = payload.folder + *path};
  for (const Shape* list : {&out.shape, &out.strides}) out.identity += "|" + to_string(*list);
  out.identity += "|" + std::to_string(out.offset) + "|" + std::string(to_string(*dtype));
  XPUQ_TRY(load(*zip_, payload.folder + *path, owner_, out));
  return out;
}

Result<void> Archive::load(const ZipArchive& zip, const std::string& entry, const std::shared_ptr<const void>& owner,
                           StoredTensor& out) const {
  const ZipEntry* e = zip.find(entry);
  if (!e) return defect("has no entry '" + entry + "'");
  if (e->stored) {
    XPUQ_ASSIGN(out.storage, zip.view(*e));
    out.owner = owner;
    return {};
  }
  XPUQ_ASSIGN(std::string inflated, zip.read(*e, kLargestPayload));
  const auto kept = std::make_shared<const std::string>(std::move(inflated));
  out.storage = std::as_bytes(std::span(*kept));
  out.owner = kept;
  return {};
}

// The older layout.

Result<void> Archive::open_old() {
  XPUQ_ASSIGN(old_version_, read_text("version"));
  XPUQ_ASSIGN(program_, read_json("serialized_exported_program.json"));
  XPUQ_TRY(open_nested("serialized_state_dict.pt"));
  return open_nested("serialized_constants.pt");
}

Result<void> Archive::open_nested(const std::string& entry) {
  const ZipEntry* e = zip_->find(entry);
  if (!e) return defect("has no entry '" + entry + "'", {}, "an archive of torch 2.2 to 2.7");
  if (e->size == 0) return {};  // no constants
  auto nested = std::make_unique<Nested>();
  std::span<const std::byte> bytes;
  if (e->stored) {
    XPUQ_ASSIGN(bytes, zip_->view(*e));
  } else {
    XPUQ_ASSIGN(std::string inflated, zip_->read(*e, kLargestPayload));
    nested->bytes = std::make_shared<const std::string>(std::move(inflated));
    bytes = std::as_bytes(std::span(*nested->bytes));
  }
  const std::string who = file_ + ": " + entry;
  XPUQ_ASSIGN(ZipArchive zip, ZipArchive::open(bytes, "E307", who));
  nested->zip = std::make_unique<ZipArchive>(std::move(zip));
  const auto prefix = folder_of(*nested->zip, "data.pkl");
  if (!prefix) return defect("has an entry '" + entry + "' without data.pkl");
  nested->prefix = *prefix;
  XPUQ_TRY(check_byte_order(*nested->zip, *prefix + "byteorder"));
  XPUQ_ASSIGN(const std::string text, nested->zip->read(*nested->zip->find(*prefix + "data.pkl"), kLargestPickle));
  XPUQ_ASSIGN(const Pickle pickle, Pickle::parse(text, who));
  if (pickle.root().kind != PickledObject::Kind::dictionary)
    return defect("has an entry '" + entry + "' that is no dictionary");
  for (const auto& [key, value] : pickle.root().entries)
    if (key->kind == PickledObject::Kind::text && value->kind == PickledObject::Kind::tensor)
      nested->tensors.emplace(key->text, value->tensor);
  nested_.push_back(std::move(nested));
  return {};
}

Result<StoredTensor> Archive::old_tensor(const std::string& fqn, const Nested& nested, const PickledTensor& t) const {
  StoredTensor out{.dtype = t.dtype,
                   .shape = t.shape,
                   .strides = t.strides,
                   .offset = t.offset,
                   .storage = {},
                   .owner = {},
                   .identity = {}};
  const std::string record = nested.prefix + "data/" + t.record;
  if (!nested.zip->find(record)) return defect("has no data for '" + fqn + "'", {}, "entry '" + record + "'");
  out.identity = std::to_string(reinterpret_cast<std::uintptr_t>(&nested)) + record;
  for (const Shape* list : {&t.shape, &t.strides}) out.identity += "|" + to_string(*list);
  out.identity += "|" + std::to_string(t.offset) + "|" + std::string(to_string(t.dtype));
  std::shared_ptr<const void> owner = owner_;
  if (nested.bytes) owner = nested.bytes;
  XPUQ_TRY(load(*nested.zip, record, owner, out));
  return out;
}

}  // namespace xpuq::pt2
