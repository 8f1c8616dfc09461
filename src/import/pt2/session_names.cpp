// Names, values and memory. PyTorch's views share memory with what they view, and in-place operators change every name
// that shares it. Here an in-place operator makes a new value; the names of the same tensor follow at once, other
// views of it are computed again when they are read next. A write through a view into a part of a tensor is refused
// when the rest of that tensor is read afterwards.
#include "import/pt2/archive.h"
#include "import/pt2/element_type.h"
#include "import/pt2/session.h"

namespace xpuq::pt2 {
namespace {
constexpr int kDeepestRefresh = 64;
}

void Session::bind(const std::string& name, ValueId value) {
  if (name.empty()) return;
  names_[name] = {.value = value, .root = name, .view = name, .version = 0, .node = current_, .certain = true};
  roots_[name] = {.version = 0, .written_through_view = false, .names = {name}};
}

void Session::bind_view(const std::string& name, ValueId value, const std::string& parent, bool certain) {
  const auto it = names_.find(parent);
  if (it == names_.end()) return bind(name, value);
  const Name from = it->second;
  const bool same = certain && value == from.value;
  Root& root = roots_[from.root];
  if (!names_.contains(name)) root.names.push_back(name);
  names_[name] = {.value = value,
                  .root = from.root,
                  .view = same ? from.view : name,
                  .version = root.version,
                  .node = current_,
                  .certain = certain && from.certain};
}

Result<ValueId> Session::value(const std::string& name, const std::string& origin) {
  auto it = names_.find(name);
  if (it == names_.end()) {
    const auto spec = stored_.find(name);
    if (spec == stored_.end()) return builder_.problem(origin, "reads '" + name + "', which no node before it makes");
    XPUQ_ASSIGN(const ValueId v, load(*spec->second, origin));
    bind(name, v);
    return v;
  }
  if (it->second.version == roots_[it->second.root].version) return it->second.value;
  return refresh(name, origin);
}

Result<ValueId> Session::refresh(const std::string& name, const std::string& origin) {
  const Name stale = names_[name];
  const Root& root = roots_[stale.root];
  if (root.written_through_view)
    return unsupported(origin, "reads '" + name + "', a part of which was written in place through a view");
  if (!stale.certain || stale.node == kNowhere)
    return unsupported(
        origin, "reads '" + name + "', which may or may not share memory with a tensor that was changed in place");
  if (refreshing_ >= kDeepestRefresh)
    return unsupported(origin, "reads '" + name + "', a view of too many views changed in place");
  ++refreshing_;
  auto again = run_node(stale.node);
  --refreshing_;
  XPUQ_TRY(std::move(again));
  const Name& fresh = names_[name];
  if (fresh.version != roots_[fresh.root].version)
    return unsupported(origin, "reads '" + name + "', whose in-place changes cannot be followed");
  return fresh.value;
}

Result<void> Session::mutate(const std::string& name, ValueId value, const std::string& result) {
  const std::string& origin = origins_[current_];
  auto it = names_.find(name);
  if (it == names_.end()) return builder_.problem(origin, "changes '" + name + "', which no node before it makes");
  const Name before = it->second;
  if (value == before.value) {  // detach_, dropout_ in evaluation
    bind_view(result, value, name, true);
    return {};
  }
  if (builder_.shape(value) != builder_.shape(before.value))
    return builder_.problem(origin, "in-place result has shape " + to_string(builder_.shape(value)) + ", its target " +
                                        to_string(builder_.shape(before.value)));
  const DataType dtype = builder_.type(before.value).dtype;
  if (builder_.type(value).dtype != dtype) {
    XPUQ_ASSIGN(value, builder_.emit(OpKind::cast, {value}, {{"to", std::string(to_string(dtype))}}, result, origin));
  }
  Root& root = roots_[before.root];
  ++root.version;
  root.written_through_view = root.written_through_view || before.view != before.root;
  names_[result] = {.value = value,
                    .root = before.root,
                    .view = before.view,
                    .version = 0,
                    .node = current_,
                    .certain = before.certain};
  root.names.push_back(result);
  for (const std::string& other : root.names) {
    Name& n = names_[other];
    if (n.root != before.root || n.view != before.view) continue;
    n.value = value;
    n.version = root.version;
  }
  return {};
}

Result<ValueId> Session::load(const InputSpec& spec, const std::string& origin) {
  XPUQ_ASSIGN(const StoredTensor stored, archive_.tensor(spec.fqn));
  if (const auto known = loaded_.find(stored.identity); known != loaded_.end()) return known->second;
  std::string what;
  const auto tensor = materialize(stored, what);
  if (!tensor)
    return Error{.code = "E307",
                 .who = file_,
                 .what = "'" + spec.fqn + "' " + what,
                 .got = {},
                 .expected = {},
                 .remedy = "check that the file is complete, or save the model again",
                 .node = origin};
  if (tensor->dtype() == DataType::f64)
    return Error{.code = "E305",
                 .who = file_,
                 .what = "'" + spec.fqn + "' has elements of 64-bit float",
                 .got = "float64",
                 .expected = "float32",
                 .remedy = "export model.float()",
                 .node = origin};
  if (tensor->dtype() == DataType::f16 || tensor->dtype() == DataType::bf16)
    note("parameters in " + std::string(to_string(tensor->dtype())) + " are converted to f32", spec.fqn);
  const ValueId v = builder_.constant(spec.fqn, widen_half(*tensor));
  loaded_.emplace(stored.identity, v);
  return v;
}

}  // namespace xpuq::pt2
