// Exact decoding of parts of a panel.
#pragma once

#include <cstddef>

#include "eigenformer/core/config.hpp"
#include "eigenformer/quant/panel.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::quant {

/// The weights of `count` steps along k of a panel, from step `first` on, as the file's format decodes them: out
/// [k][16]. A step is a block of 32 k for block kinds, one k for plain kinds.
void unpack_panel(PanelKind kind, const std::byte* panel, std::size_t first, std::size_t count, float* out);

/// All weights of one output (0..15) of a panel: out [inner].
void unpack_output(PanelKind kind, const std::byte* panel, std::size_t output, std::size_t inner, float* out);

}  // namespace eigenformer::inline EIGENFORMER_ABI::quant

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/quant/unpack-inl.hpp"
#endif
