// Names, values and memory. PyTorch's views share memory with what they view, and in-place operators change every name
// that shares it. Here an in-place operator makes a new value; the names of the same tensor follow at once, other
// views of it are computed again when they are read next. A write through a view becomes a scatter into the tensor that
// owns the memory, at the places that the view shows of it.
#include <numeric>

#include "import/pt2/archive.h"
#include "import/pt2/element_type.h"
#include "import/pt2/session.h"

namespace xpuq::pt2 {
namespace {
constexpr int kDeepestRefresh = 64;
constexpr std::int64_t kMostScattered = std::int64_t{1} << 26;  ///< elements; their places take 8 bytes each
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
  if (stale.view != name && names_.contains(stale.view)) {  // the same tensor by another name: what an in-place node returned
    XPUQ_ASSIGN(const ValueId v, value(stale.view, origin));
    names_[name].value = v;
    names_[name].version = roots_[stale.root].version;
    return v;
  }
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
  std::optional<ValueId> owner;  // the tensor that owns the memory, after a write through a view of it
  if (before.view != before.root && !roots_[before.root].written_through_view) {
    XPUQ_ASSIGN(owner, write_through(name, value));
  }
  Root& root = roots_[before.root];
  ++root.version;
  root.written_through_view = root.written_through_view || (before.view != before.root && !owner);
  names_[result] = {.value = value,
                    .root = before.root,
                    .view = before.view,
                    .version = 0,
                    .node = current_,
                    .certain = before.certain};
  root.names.push_back(result);
  for (const std::string& other : root.names) {
    Name& n = names_[other];
    if (n.root != before.root) continue;
    if (n.view == before.view) n.value = value;
    else if (owner && n.view == before.root) n.value = *owner;
    else continue;
    n.version = root.version;
  }
  return {};
}

/// The value of the root of `view` with `written` in the places that the view shows; empty when they cannot be told.
Result<std::optional<ValueId>> Session::write_through(const std::string& view, ValueId written) {
  const std::string& origin = origins_[current_];
  const std::string root = names_[view].root;
  const Shape shape = builder_.shape(names_[root].value);
  const std::int64_t count = element_count(shape);
  if (count == 0 || count > kMostScattered) return std::optional<ValueId>();
  // The view of a tensor that holds the numbers of its elements says where each element of the view lies.
  std::vector<std::int64_t> numbers(static_cast<std::size_t>(count));
  std::iota(numbers.begin(), numbers.end(), 0);
  const auto names = names_;
  const auto roots = roots_;
  names_[root].value = builder_.constant("places", Tensor::vector_s64(numbers).reshaped(shape));
  names_[root].version = ++roots_[root].version;
  const auto shown = value(view, origin);
  names_ = names;
  roots_ = roots;
  if (!shown.ok() || !builder_.ints_of(*shown)) return std::optional<ValueId>();

  const Shape flat{element_count(builder_.shape(written))};
  const auto reshape = [&](ValueId v, const Shape& to) {
    return builder_.emit(OpKind::reshape, {v}, {{"shape", to}}, root, origin);
  };
  XPUQ_ASSIGN(const ValueId before, reshape(names_[root].value, {count}));
  XPUQ_ASSIGN(const ValueId places, reshape(*shown, flat));
  XPUQ_ASSIGN(const ValueId elements, reshape(written, flat));
  XPUQ_ASSIGN(const ValueId after, builder_.emit(OpKind::scatter_elements, {before, places, elements},
                                                 {{"axis", std::int64_t{0}}, {"reduction", std::string("none")}}, root, origin));
  XPUQ_ASSIGN(const ValueId owner, reshape(after, shape));
  return std::optional<ValueId>(owner);
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
