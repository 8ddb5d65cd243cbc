#pragma once

#include <cstdlib>
#include <string>

#include "eigenformer/error.hpp"
#include "eigenformer/kernels/arm_features.hpp"
#include "eigenformer/kernels/scalar_table.hpp"
#include "eigenformer/kernels/select.hpp"
#include "eigenformer/kernels/x86_features.hpp"

#if defined(__x86_64__) || defined(_M_X64)
#include "eigenformer/kernels/avx2/avx2_table.hpp"
#include "eigenformer/kernels/avx512/avx512_table.hpp"
#elif defined(__aarch64__) || defined(_M_ARM64)
#include "eigenformer/kernels/neon/neon_table.hpp"
#include "eigenformer/kernels/neon_dotprod/neon_dotprod_table.hpp"
#endif
#if defined(__x86_64__) && defined(__linux__)
#include "eigenformer/kernels/amx/amx_table.hpp"
#endif

namespace eigenformer::inline EIGENFORMER_ABI::kernels {

namespace select_detail {

inline constexpr InstructionSet k_sets[] = {InstructionSet::scalar, InstructionSet::avx2, InstructionSet::avx512,
                                            InstructionSet::amx,    InstructionSet::neon, InstructionSet::neon_dotprod};

inline std::string available_names() {
  std::string names;
  for (const InstructionSet set : available_instruction_sets()) {
    if (!names.empty()) names += ", ";
    names += instruction_set_name(set);
  }
  return names;
}

}  // namespace select_detail

EIGENFORMER_INLINE std::string_view instruction_set_name(InstructionSet set) {
  switch (set) {
    case InstructionSet::scalar: return "scalar";
    case InstructionSet::avx2: return "avx2";
    case InstructionSet::avx512: return "avx512";
    case InstructionSet::amx: return "amx";
    case InstructionSet::neon: return "neon";
    case InstructionSet::neon_dotprod: return "neon_dotprod";
  }
  return "?";
}

EIGENFORMER_INLINE bool machine_has(InstructionSet set) {
  switch (set) {
    case InstructionSet::scalar: return true;
    case InstructionSet::avx2: return processor_has_avx2();
    case InstructionSet::avx512: return processor_has_avx512();
    case InstructionSet::amx: return processor_has_amx();
    case InstructionSet::neon: return processor_has_neon();
    case InstructionSet::neon_dotprod: return processor_has_dot_product();
  }
  return false;
}

EIGENFORMER_INLINE std::vector<InstructionSet> available_instruction_sets() {
  std::vector<InstructionSet> sets;
  for (const InstructionSet set : select_detail::k_sets) {
    if (machine_has(set)) sets.push_back(set);
  }
  return sets;
}

EIGENFORMER_INLINE const KernelTable& kernel_table(InstructionSet set) {
#if defined(__x86_64__) || defined(_M_X64)
  if (set == InstructionSet::avx2) return k_avx2_table;
  if (set == InstructionSet::avx512) return k_avx512_table;
#elif defined(__aarch64__) || defined(_M_ARM64)
  if (set == InstructionSet::neon) return k_neon_table;
  if (set == InstructionSet::neon_dotprod) return k_neon_dotprod_table;
#endif
#if defined(__x86_64__) && defined(__linux__)
  if (set == InstructionSet::amx) return k_amx_table;
#endif
  static_cast<void>(set);
  return k_scalar_table;
}

EIGENFORMER_INLINE const KernelTable& choose_kernels(std::string_view requested) {
  const bool automatic = requested.empty() || requested == "auto";
  const char* const forced = automatic ? std::getenv("EIGENFORMER_ISA") : nullptr;
  const std::string_view name = forced == nullptr ? requested : forced;
  if (name.empty() || name == "auto") return kernel_table(available_instruction_sets().back());
  const std::string where = forced == nullptr ? "isa" : "EIGENFORMER_ISA";
  const std::string remedy = "leave it out, or take one of those";
  for (const InstructionSet set : select_detail::k_sets) {
    if (name != instruction_set_name(set)) continue;
    if (machine_has(set)) return kernel_table(set);
    throw UsageError({.id = "usage.isa_unavailable",
                      .expected = "an instruction set that this machine has (" + select_detail::available_names() + ")",
                      .found = "'" + std::string(name) + "'",
                      .where = where,
                      .remedy = remedy});
  }
  throw UsageError(
      {.id = "usage.unknown_isa",
       .expected = "auto or an instruction set that this machine has (" + select_detail::available_names() + ")",
       .found = "'" + std::string(name) + "'",
       .where = where,
       .remedy = remedy});
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::kernels
