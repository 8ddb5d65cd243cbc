// A matrix in panels.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "eigenformer/core/config.hpp"
#include "eigenformer/quant/panel.hpp"
#include "eigenformer/quant/panel_memory.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::quant {

struct MatrixSize {
  std::size_t outputs = 0;
  std::size_t inner = 0;
};

/// W [outputs, inner] as panels of 16 outputs (quant/panel.hpp). Moved, never copied.
class PackedMatrix {
 public:
  PackedMatrix() = default;
  /// Memory for the panels, not yet filled: `pack_panels` does that.
  PackedMatrix(PanelKind kind, MatrixSize size, PanelMemory& memory)
      : kind_(kind),
        size_(size),
        panel_bytes_(quant::panel_bytes(kind, size.inner)),
        memory_(memory.take(panel_count(size.outputs) * panel_bytes_)) {}

  /// A matrix that is only measured: it has no memory, and nobody may read its panels.
  PackedMatrix(PanelKind kind, MatrixSize size)
      : kind_(kind), size_(size), panel_bytes_(quant::panel_bytes(kind, size.inner)) {}

  PanelKind kind() const { return kind_; }
  std::size_t outputs() const { return size_.outputs; }
  std::size_t inner() const { return size_.inner; }
  std::size_t panel_bytes() const { return panel_bytes_; }
  std::size_t panels() const { return panel_count(size_.outputs); }
  std::uint64_t bytes() const { return std::uint64_t{panels()} * panel_bytes_; }

  const std::byte* panel(std::size_t index) const { return memory_.get() + index * panel_bytes_; }
  std::byte* panel(std::size_t index) { return memory_.get() + index * panel_bytes_; }

 private:
  PanelKind kind_ = PanelKind::f32;
  MatrixSize size_;
  std::size_t panel_bytes_ = 0;
  std::shared_ptr<std::byte> memory_;
};

}  // namespace eigenformer::inline EIGENFORMER_ABI::quant
