// What the indices of compact instructions stand for. Source: the tables "Compact instruction" of Intel's Programmer's
// Reference Manuals (DG2 and Xe2, volume 9, "EU Instruction Compaction"), as Intel's GED model (visa/iga/GEDLibrary of
// intel-graphics-compiler) lists them too. Each entry is a few fields, lowest bit first; compact.cpp says which.
#pragma once

#include <cstdint>

namespace xpuq::xe {

extern const std::uint64_t k_hpg_control[32];
extern const std::uint64_t k_hpg_types[32];
extern const std::uint64_t k_hpg_types_immediate[32];
extern const std::uint64_t k_hpg_subregisters_two[32];
extern const std::uint64_t k_hpg_subregisters_one[32];
extern const std::uint64_t k_hpg_subregisters_immediate[32];
extern const std::uint64_t k_hpg_source0[16];
extern const std::uint64_t k_hpg_source1[16];
extern const std::uint64_t k_hpg_control3[32];
extern const std::uint64_t k_hpg_sources3[32];
extern const std::uint64_t k_hpg_subregisters3[32];
extern const std::uint64_t k_hpc_control[32];
extern const std::uint64_t k_hpc_types[32];
extern const std::uint64_t k_hpc_types_immediate[32];
extern const std::uint64_t k_hpc_subregisters[16];
extern const std::uint64_t k_hpc_source0[8];
extern const std::uint64_t k_hpc_source1[16];
extern const std::uint64_t k_hpc_control3[16];
extern const std::uint64_t k_hpc_control_dpas[16];
extern const std::uint64_t k_hpc_sources3[16];
extern const std::uint64_t k_hpc_sources_dpas[16];
extern const std::uint64_t k_hpc_subregisters3[32];
extern const std::uint64_t k_xe2_control[32];
extern const std::uint64_t k_xe2_types[32];
extern const std::uint64_t k_xe2_types_immediate[32];
extern const std::uint64_t k_xe2_immediates[32];
extern const std::uint64_t k_xe2_subregisters[16];
extern const std::uint64_t k_xe2_source0[8];
extern const std::uint64_t k_xe2_source1[16];
extern const std::uint64_t k_xe2_control3[16];
extern const std::uint64_t k_xe2_sources3[16];
extern const std::uint64_t k_xe2_subregisters3[32];

}  // namespace xpuq::xe
