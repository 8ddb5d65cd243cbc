// Which kernels run: chosen at start from what the machine has; the bits are the same whichever it is.
#pragma once

#include <string_view>
#include <vector>

#include "eigenformer/kernels/kernel_table.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::kernels {

/// Slowest first.
enum class InstructionSet {
  scalar,
  avx2,    ///< with FMA and F16C
  avx512,  ///< F, BW, VL, DQ and VNNI
  amx,     ///< TILE and INT8, beside avx512; on Linux, which is asked for permission when this set is first considered
  neon,    ///< of every 64-bit ARM processor
  neon_dotprod,  ///< with the dot product instructions of ARMv8.2
};

/// "scalar", "avx2", "avx512", "amx", "neon", "neon_dotprod": what EIGENFORMER_ISA and the option isa take.
std::string_view instruction_set_name(InstructionSet set);

/// True where this build has kernels for it, and processor and operating system can run them.
bool machine_has(InstructionSet set);

/// Slowest first; never empty.
std::vector<InstructionSet> available_instruction_sets();

/// The kernels of a set that machine_has.
const KernelTable& kernel_table(InstructionSet set);

/// The kernels of the set named `requested`. "" and "auto" mean the environment variable EIGENFORMER_ISA where it is
/// set, else the best that the machine has. Throws UsageError (usage.unknown_isa, usage.isa_unavailable).
const KernelTable& choose_kernels(std::string_view requested);

}  // namespace eigenformer::inline EIGENFORMER_ABI::kernels

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/kernels/select-inl.hpp"
#endif
