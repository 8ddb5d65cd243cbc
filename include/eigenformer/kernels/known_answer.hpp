// A check that the build kept the arithmetic: compiler flags of a header-only consumer could have changed it.
#pragma once

#include "eigenformer/kernels/kernel_table.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::kernels {

/// Runs every kernel of the table and the functions of core/math.hpp on a few fixed values and compares the bits with
/// recorded ones; some tens of microseconds. Throws NumericError (numeric.build_changed_arithmetic).
void check_known_answers(const KernelTable& table);

}  // namespace eigenformer::inline EIGENFORMER_ABI::kernels

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/kernels/known_answer-inl.hpp"
#endif
