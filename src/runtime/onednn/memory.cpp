#include "runtime/onednn/memory.h"

#include <algorithm>
#include <cstring>

#include "runtime/cpu/aligned.h"

namespace xpuq::onednn {

using dnnl::memory;

memory::data_type stored_type(const TensorType& type) {
  switch (type.dtype) {
    case DataType::f32: return memory::data_type::f32;
    case DataType::bf16: return memory::data_type::bf16;
    case DataType::s8: return is_int8(type) && kShiftsCodes ? memory::data_type::u8 : memory::data_type::s8;
    case DataType::u8: return memory::data_type::u8;
    case DataType::s32: return memory::data_type::s32;
    default: return memory::data_type::undef;
  }
}

memory::desc describe(const TensorType& type) {
  if (type.shape.empty()) return row_major({1}, stored_type(type));
  return memory::desc(type.shape, stored_type(type), strides_of(type));
}

memory::desc describe(const TensorType& type, Layout layout) {
  TensorType other = type;
  other.layout = layout;
  return describe(other);
}

memory::desc row_major(const Dims& dims, memory::data_type type) {
  TensorType t;
  t.shape = dims;
  return memory::desc(dims, type, strides_of(t));
}

dnnl::primitive_attr user_scratchpad() {
  dnnl::primitive_attr attr;
  attr.set_scratchpad_mode(dnnl::scratchpad_mode::user);
  return attr;
}

PrimitiveStep::Slot PrimitiveStep::scratch(const memory::desc& desc) {
  const Slot slot{Slot::Kind::scratch, scratch_bytes_};
  scratch_bytes_ += cpu::round_up(desc.get_size(), kScratchAlignment);
  return slot;
}

PrimitiveStep::Slot PrimitiveStep::own(const memory::desc& desc) {
  owned_bytes_ += desc.get_size();
  owned_.emplace_back(desc, library_.engine, library_.storage->allocate(desc.get_size()));
  return {Slot::Kind::owned, owned_.size() - 1};
}

PrimitiveStep::Slot PrimitiveStep::own_f32(const std::vector<float>& values) {
  const Slot slot = own(row_major({static_cast<memory::dim>(values.size())}));
  library_.storage->upload(owned_[slot.at].get_data_handle(), values.data(), values.size() * sizeof(float));
  return slot;
}

PrimitiveStep::Slot PrimitiveStep::own_s32(std::int32_t value) {
  const Slot slot = own(row_major({1}, memory::data_type::s32));
  library_.storage->upload(owned_[slot.at].get_data_handle(), &value, sizeof value);
  return slot;
}

PrimitiveStep::Slot PrimitiveStep::own_packed(const void* bytes, const memory::desc& from, const memory::desc& to) {
  memory source(from, library_.engine, library_.storage->constant(bytes, from.get_size()));
  const Slot slot = own(to);
  memory& packed = owned_[slot.at];
  const dnnl::reorder::primitive_desc pd(library_.engine, from, library_.engine, to, user_scratchpad());
  const memory::desc pad = pd.scratchpad_desc();
  memory scratchpad(pad, library_.engine, pad.get_size() > 0 ? library_.storage->temporary(pad.get_size()) : nullptr);
  const ArgumentUse uses[] = {{source.get_data_handle(), from.get_size(), true, false},
                              {packed.get_data_handle(), to.get_size(), true, true},
                              {scratchpad.get_data_handle(), pad.get_size(), true, true}};
  library_.storage->executes(uses);
  dnnl::reorder(pd).execute(library_.stream,
                            {{DNNL_ARG_FROM, source}, {DNNL_ARG_TO, packed}, {DNNL_ARG_SCRATCHPAD, scratchpad}});
  library_.stream.wait();
  return slot;
}

std::vector<std::uint32_t> PrimitiveStep::used_values() const {
  std::vector<std::uint32_t> values;
  for (const Call& call : calls_)
    for (const Slot& slot : call.slots)
      if (slot.kind == Slot::Kind::value) values.push_back(static_cast<std::uint32_t>(slot.at));
  return values;
}

void PrimitiveStep::add(const dnnl::primitive& primitive, const memory::desc& scratchpad,
                        std::vector<Argument> arguments, Destination destination) {
  pad_bytes_ = std::max(pad_bytes_, scratchpad.get_size());
  // The scratchpad's place is known only when all staged values are: its slot stands for the end of them.
  if (scratchpad.get_size() > 0) {
    arguments.push_back({DNNL_ARG_SCRATCHPAD, {Slot::Kind::scratch, SIZE_MAX}, scratchpad});
  }
  Call call;
  call.primitive = primitive;
  for (const Argument& a : arguments) {
    if (a.slot.kind == Slot::Kind::owned) {
      call.memories.push_back(owned_[a.slot.at]);
    } else {
      call.memories.push_back(memory(a.desc, library_.engine, DNNL_MEMORY_NONE));
    }
    call.slots.push_back(a.slot);
    call.arguments.push_back({a.name, call.memories.back().get()});
    const bool scratch = a.name == DNNL_ARG_SCRATCHPAD, dst = a.name == DNNL_ARG_DST;
    call.uses.push_back({nullptr, a.desc.get_size(), !dst || destination == Destination::accumulated, dst || scratch});
  }
  calls_.push_back(std::move(call));
}

void PrimitiveStep::add_reorder(Slot from, const memory::desc& from_desc, Slot to, const memory::desc& to_desc) {
  const dnnl::reorder::primitive_desc pd(library_.engine, from_desc, library_.engine, to_desc, user_scratchpad());
  add(dnnl::reorder(pd), pd.scratchpad_desc(), {{DNNL_ARG_FROM, from, from_desc}, {DNNL_ARG_TO, to, to_desc}});
}

Result<void> PrimitiveStep::run(const RunContext& context) {
  if (copy_.bytes > 0 && context.values[copy_.from] != context.values[copy_.to]) {
    library_.storage->copy(context.values[copy_.to], context.values[copy_.from], copy_.bytes);
  }
  for (Call& call : calls_) {
    for (std::size_t i = 0; i < call.slots.size(); ++i) {
      const Slot& slot = call.slots[i];
      if (slot.kind == Slot::Kind::owned) continue;
      void* at = slot.kind == Slot::Kind::value ? context.values[slot.at]
                                                : context.scratch + std::min(slot.at, scratch_bytes_);
      call.memories[i].set_data_handle(at);
    }
    for (std::size_t i = 0; i < call.uses.size(); ++i) call.uses[i].at = call.memories[i].get_data_handle();
    library_.storage->executes(call.uses);
    // The C call takes the arguments as they are; the C++ one would copy them into a new vector.
    const dnnl_status_t status = dnnl_primitive_execute(call.primitive.get(), library_.stream.get(),
                                                        static_cast<int>(call.arguments.size()), call.arguments.data());
    if (status != dnnl_success) {
      return Error{.code = "E101", .who = primitive(), .what = "oneDNN could not execute the primitive",
                   .got = "status " + std::to_string(status), .expected = "", .remedy = "", .node = ""};
    }
  }
  return {};
}

}  // namespace xpuq::onednn
