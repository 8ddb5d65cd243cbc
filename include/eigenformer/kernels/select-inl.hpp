#pragma once

#include <cstdlib>
#include <string>

#include "eigenformer/error.hpp"
#include "eigenformer/kernels/scalar_table.hpp"
#include "eigenformer/kernels/select.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::kernels {

namespace select_detail {

inline constexpr InstructionSet k_sets[] = {InstructionSet::scalar, InstructionSet::avx2};

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
  return set == InstructionSet::avx2 ? "avx2" : "scalar";
}

EIGENFORMER_INLINE bool machine_has(InstructionSet set) { return set == InstructionSet::scalar; }

EIGENFORMER_INLINE std::vector<InstructionSet> available_instruction_sets() {
  std::vector<InstructionSet> sets;
  for (const InstructionSet set : select_detail::k_sets) {
    if (machine_has(set)) sets.push_back(set);
  }
  return sets;
}

EIGENFORMER_INLINE const KernelTable& kernel_table(InstructionSet) { return k_scalar_table; }

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
