// Matrix products over panels: y = x W^T + bias (+ residual), several matrices that share one input in one phase.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "eigenformer/core/config.hpp"
#include "eigenformer/nn/program.hpp"
#include "eigenformer/quant/packed_matrix.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::nn {

/// A matrix and its bias. Both are owned by the block that records them.
struct LinearWeights {
  const quant::PackedMatrix* matrix = nullptr;  ///< [outputs, inner]
  const float* bias = nullptr;                  ///< [outputs], or null
};

/// One product of a phase.
struct LinearPart {
  LinearWeights weights;
  Value output;                   ///< [rows, outputs]
  std::optional<Value> residual;  ///< added last
};

class LinearPhase final : public Phase {
 public:
  /// `operand` is what the products read: the input itself, or its quantized twin.
  LinearPhase(Value operand, bool is_quantized) : operand_(operand), is_quantized_(is_quantized) {}

  Value operand() const { return operand_; }
  std::vector<LinearPart>& parts() { return parts_; }

  std::uint32_t tasks(const Step& step) const noexcept override;
  void run(const Step& step, std::uint32_t task, std::byte* scratch) const noexcept override;

 private:
  struct PanelRange {
    std::size_t first;
    std::size_t end;
  };
  /// Neighbouring rows, few enough that what is read and written of them stays in the cache.
  struct RowRange {
    std::size_t first;
    std::size_t count;
  };
  /// A phase as a grid of tasks: groups of panels by blocks of rows. Tasks of one group follow each other, so that its
  /// weights are read from far once.
  struct Grid {
    std::size_t panels_per_group;
    std::size_t groups;
    std::size_t row_blocks;
  };
  Grid grid(const Step& step) const noexcept;
  std::size_t panels() const noexcept;
  std::size_t weight_bytes() const noexcept;
  void run_part(const Step& step, const LinearPart& part, PanelRange panels, RowRange rows) const noexcept;

  Value operand_;
  bool is_quantized_;
  std::vector<LinearPart> parts_;
};

}  // namespace eigenformer::inline EIGENFORMER_ABI::nn

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/nn/linear_phase-inl.hpp"
#endif
