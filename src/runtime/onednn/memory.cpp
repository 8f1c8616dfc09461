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
    case DataType::s8: return is_shifted(type) ? memory::data_type::u8 : memory::data_type::s8;
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
  scratch_bytes_ += cpu::round_up(desc.get_size(), cpu::kLine);
  return slot;
}

PrimitiveStep::Slot PrimitiveStep::own(memory m) {
  owned_bytes_ += m.get_desc().get_size();
  owned_.push_back(std::move(m));
  return {Slot::Kind::owned, owned_.size() - 1};
}

PrimitiveStep::Slot PrimitiveStep::own_f32(const std::vector<float>& values) {
  memory m(row_major({static_cast<memory::dim>(values.size())}), library_.engine);
  std::copy(values.begin(), values.end(), static_cast<float*>(m.get_data_handle()));
  return own(std::move(m));
}

PrimitiveStep::Slot PrimitiveStep::own_s32(std::int32_t value) {
  memory m(row_major({1}, memory::data_type::s32), library_.engine);
  *static_cast<std::int32_t*>(m.get_data_handle()) = value;
  return own(std::move(m));
}

PrimitiveStep::Slot PrimitiveStep::own_packed(const void* bytes, const memory::desc& from, const memory::desc& to) {
  memory source(from, library_.engine, const_cast<void*>(bytes));
  memory packed(to, library_.engine);
  dnnl::reorder(source, packed).execute(library_.stream, source, packed);
  library_.stream.wait();
  return own(std::move(packed));
}

void PrimitiveStep::add(const dnnl::primitive& primitive, const memory::desc& scratchpad,
                        std::vector<Argument> arguments) {
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
  }
  calls_.push_back(std::move(call));
}

void PrimitiveStep::add_reorder(Slot from, const memory::desc& from_desc, Slot to, const memory::desc& to_desc) {
  const dnnl::reorder::primitive_desc pd(library_.engine, from_desc, library_.engine, to_desc, user_scratchpad());
  add(dnnl::reorder(pd), pd.scratchpad_desc(), {{DNNL_ARG_FROM, from, from_desc}, {DNNL_ARG_TO, to, to_desc}});
}

Result<void> PrimitiveStep::run(const RunContext& context) {
  if (copy_.bytes > 0 && context.values[copy_.from] != context.values[copy_.to]) {
    std::memcpy(context.values[copy_.to], context.values[copy_.from], copy_.bytes);
  }
  for (Call& call : calls_) {
    for (std::size_t i = 0; i < call.slots.size(); ++i) {
      const Slot& slot = call.slots[i];
      if (slot.kind == Slot::Kind::owned) continue;
      void* at = slot.kind == Slot::Kind::value ? context.values[slot.at]
                                                : context.scratch + std::min(slot.at, scratch_bytes_);
      call.memories[i].set_data_handle(at);
    }
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
