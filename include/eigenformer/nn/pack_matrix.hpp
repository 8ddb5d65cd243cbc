// Packing a matrix on the threads that the model will run on.
#pragma once

#include "eigenformer/core/config.hpp"
#include "eigenformer/executor.hpp"
#include "eigenformer/quant/pack.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::nn {

/// As quant::pack, its panels filled by whatever threads `executor` has free; without one, by the caller.
quant::PackedMatrix pack_matrix(const quant::PackSource& source, quant::MatrixSize size, quant::PanelMemory& memory,
                                Executor* executor);

}  // namespace eigenformer::inline EIGENFORMER_ABI::nn

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/nn/pack_matrix-inl.hpp"
#endif
