// Exact decoding of parts of a panel.
#pragma once

#include <cstddef>

#include "eigenformer/core/config.hpp"
#include "eigenformer/quant/panel.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::quant {

/// A run along k of one panel: blocks of 32 values for block kinds, single k for plain kinds.
struct PanelRun {
  std::size_t first = 0;
  std::size_t count = 0;
};

/// The weights of a run of a panel, as the file's format decodes them: out [k][16], 32 k a block for block kinds.
void unpack_panel(PanelKind kind, const std::byte* panel, PanelRun run, float* out);

/// One output of the panel (0..15): out [k].
void unpack_output(PanelKind kind, const std::byte* panel, std::size_t output, PanelRun run, float* out);

}  // namespace eigenformer::inline EIGENFORMER_ABI::quant

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/quant/unpack-inl.hpp"
#endif
