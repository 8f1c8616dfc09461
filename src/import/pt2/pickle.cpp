#include "import/pt2/pickle.h"

#include <array>
#include <bit>
#include <optional>

#include "import/pt2/pickle_reader.h"

namespace xpuq::pt2 {
namespace {

using Kind = PickledObject::Kind;

struct StorageClass {
  std::string_view name;
  DataType dtype;
};
constexpr std::array kStorages{
    StorageClass{"torch.FloatStorage", DataType::f32}, StorageClass{"torch.DoubleStorage", DataType::f64},
    StorageClass{"torch.HalfStorage", DataType::f16},  StorageClass{"torch.BFloat16Storage", DataType::bf16},
    StorageClass{"torch.CharStorage", DataType::s8},   StorageClass{"torch.ByteStorage", DataType::u8},
    StorageClass{"torch.ShortStorage", DataType::s16}, StorageClass{"torch.IntStorage", DataType::s32},
    StorageClass{"torch.LongStorage", DataType::s64},  StorageClass{"torch.BoolStorage", DataType::boolean}};

const StorageClass* storage_class(std::string_view name) {
  for (const StorageClass& s : kStorages)
    if (s.name == name) return &s;
  return nullptr;
}

bool known_global(std::string_view name) {
  return name == "collections.OrderedDict" || name == "torch._utils._rebuild_tensor_v2" ||
         name == "torch._utils._rebuild_parameter" || storage_class(name) != nullptr;
}

std::optional<Shape> integers(const PickledObject& o) {
  if (o.kind != Kind::tuple && o.kind != Kind::list) return std::nullopt;
  Shape out;
  for (const PickledObject* item : o.items) {
    if (item->kind != Kind::integer) return std::nullopt;
    out.push_back(item->integer);
  }
  return out;
}

}  // namespace

bool PickleReader::run() {
  while (true) {
    if (at_ >= bytes_.size()) return fail("ends without the STOP opcode");
    const char op = bytes_[at_++];
    if (op == '.') break;
    if (!step(op)) return why_.empty() ? fail("is damaged at byte " + std::to_string(at_ - 1)) : false;
  }
  if (stack_.size() != 1) return fail("does not hold exactly one object");
  out_.root_ = stack_[0];
  return true;
}

bool PickleReader::push_global(std::string name) {
  if (!known_global(name)) return fail("refers to '" + name + "', which xpuq does not load");
  PickledObject* o = make(Kind::global);
  o->text = std::move(name);
  return push(o);
}

bool PickleReader::step(char op) {
  switch (op) {
    case '\x80': return number(1).has_value();  // PROTO
    case '\x95': return number(8).has_value();  // FRAME
    case '}': return push(make(Kind::dictionary));
    case ']': return push(make(Kind::list));
    case ')': return push(make(Kind::tuple));
    case '(': return push(make(Kind::mark));
    case 'N': return push(make(Kind::none));
    case '\x88': return push_integer(1, Kind::boolean);
    case '\x89': return push_integer(0, Kind::boolean);
    case 'K': {
      const auto v = number(1);
      return v && push_integer(static_cast<std::int64_t>(*v));
    }
    case 'M': {
      const auto v = number(2);
      return v && push_integer(static_cast<std::int64_t>(*v));
    }
    case 'J': {
      const auto v = number(4);
      return v && push_integer(static_cast<std::int32_t>(*v));
    }
    case '\x8a': {  // LONG1
      const auto n = number(1);
      return n && long_integer(*n);
    }
    case 'G': {  // BINFLOAT, big-endian
      const auto v = number(8);
      if (!v) return false;
      PickledObject* o = make(Kind::real);
      o->real = std::bit_cast<double>(__builtin_bswap64(*v));
      return push(o);
    }
    case 'X': return push_text(number(4));
    case '\x8c': return push_text(number(1));
    case '\x8d': return push_text(number(8));
    case 't': {
      auto items = above_mark();
      return items && push_tuple(std::move(*items));
    }
    case '\x85': return push_last(1);
    case '\x86': return push_last(2);
    case '\x87': return push_last(3);
    case 'l': {
      auto items = above_mark();
      return items && push_tuple(std::move(*items), Kind::list);
    }
    case 'a': {
      PickledObject* o = pop();
      return o && append({o});
    }
    case 'e': {
      const auto items = above_mark();
      return items && append(*items);
    }
    case 's': {
      PickledObject* value = pop();
      PickledObject* key = pop();
      return key && set_items({key, value});
    }
    case 'u': {
      const auto items = above_mark();
      return items && set_items(*items);
    }
    case 'q': {
      const auto n = number(1);
      return n && remember(*n);
    }
    case 'r': {
      const auto n = number(4);
      return n && remember(*n);
    }
    case '\x94': return remember(memo_.size());  // MEMOIZE
    case 'h': return recall(number(1));
    case 'j': return recall(number(4));
    case 'c': {
      const auto module = line();
      const auto name = module ? line() : std::nullopt;
      return name && push_global(std::string(*module) + "." + std::string(*name));
    }
    case '\x93': {  // STACK_GLOBAL
      const PickledObject* name = pop();
      const PickledObject* module = pop();
      return module && module->kind == Kind::text && name->kind == Kind::text &&
             push_global(module->text + "." + name->text);
    }
    case 'Q': return persistent();
    case 'R': return reduce();
    case 'b': {  // BUILD sets attributes (_metadata of a state dict), which carry no weights
      const PickledObject* state = pop();
      return state && !stack_.empty() &&
             (stack_.back()->kind == Kind::dictionary || stack_.back()->kind == Kind::tensor);
    }
    default: {
      constexpr std::string_view hex = "0123456789abcdef";
      const auto code = static_cast<unsigned char>(op);
      return fail(std::string("uses the pickle opcode 0x") + hex[code >> 4] + hex[code & 15] +
                  ", which a state dictionary does not need");
    }
  }
}

bool PickleReader::long_integer(std::uint64_t length) {
  const auto text = length <= 8 ? take(length) : std::nullopt;
  if (!text) return length > 8 && bytes_.size() - at_ >= length ? fail("holds an integer above 64 bits") : false;
  std::uint64_t v = 0;
  for (std::size_t i = 0; i < length; ++i) v |= std::uint64_t{static_cast<unsigned char>((*text)[i])} << (8 * i);
  if (length > 0 && length < 8 && ((*text)[length - 1] & 0x80)) v |= ~std::uint64_t{0} << (8 * length);
  return push_integer(static_cast<std::int64_t>(v));
}

/// ('storage', storage class, record, device, element count)
bool PickleReader::persistent() {
  const PickledObject* id = pop();
  if (!id || id->kind != Kind::tuple || id->items.size() != 5 || id->items[0]->text != "storage" ||
      id->items[2]->kind != Kind::text)
    return fail("holds a persistent object that is not a storage");
  const StorageClass* type = id->items[1]->kind == Kind::global ? storage_class(id->items[1]->text) : nullptr;
  if (!type) return fail("holds a storage of unknown type");
  PickledObject* o = make(Kind::storage);
  o->tensor.record = id->items[2]->text;
  o->tensor.dtype = type->dtype;
  return push(o);
}

bool PickleReader::reduce() {
  const PickledObject* arguments = pop();
  const PickledObject* function = pop();
  if (!function || function->kind != Kind::global || arguments->kind != Kind::tuple)
    return fail("calls something that is not a known function");
  if (function->text == "collections.OrderedDict" && arguments->items.empty()) return push(make(Kind::dictionary));
  if (function->text == "torch._utils._rebuild_tensor_v2") return rebuild_tensor(arguments->items);
  if (function->text == "torch._utils._rebuild_parameter" && !arguments->items.empty() &&
      arguments->items[0]->kind == Kind::tensor)
    return push(arguments->items[0]);
  return fail("calls '" + function->text + "' with arguments that xpuq does not know");
}

/// (storage, offset, sizes, strides, requires_grad, hooks[, metadata])
bool PickleReader::rebuild_tensor(const std::vector<PickledObject*>& a) {
  if (a.size() < 4 || a[0]->kind != Kind::storage || a[1]->kind != Kind::integer)
    return fail("describes a tensor in an unknown way");
  const auto shape = integers(*a[2]);
  const auto strides = integers(*a[3]);
  if (!shape || !strides || shape->size() != strides->size())
    return fail("describes a tensor whose sizes and strides do not agree");
  PickledObject* o = make(Kind::tensor);
  o->tensor = a[0]->tensor;
  o->tensor.offset = a[1]->integer;
  o->tensor.shape = *shape;
  o->tensor.strides = *strides;
  return push(o);
}

Result<Pickle> Pickle::parse(std::string_view bytes, const std::string& who) {
  Pickle out;
  PickleReader reader(bytes, out);
  if (!reader.run())
    return Error{.code = "E307",
                 .who = who,
                 .what = "its pickle " + reader.why(),
                 .got = {},
                 .expected = "a dictionary of plain tensors",
                 .remedy = "save the model again with torch >= 2.8",
                 .node = {}};
  return out;
}

}  // namespace xpuq::pt2
