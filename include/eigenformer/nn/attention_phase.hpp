// Attention over the cache, as a phase: softmax(scale q k^T + bias) v for every row and head.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "eigenformer/core/config.hpp"
#include "eigenformer/nn/program.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::nn {

/// Which slots a row may attend to.
enum class Visibility : std::uint8_t {
  causal,         ///< slots up to its own
  causal_span,    ///< as many slots as were filled before the step, up to its own, and that one
  bidirectional,  ///< every slot of its sequence; all rows of a sequence go in one step
  source,         ///< every slot of the encoder's sequence (cross-attention)
};

struct AttentionOptions {
  std::size_t heads = 0;
  std::size_t kv_heads =
      0;  ///< divides heads: neighbouring heads share keys and values (https://arxiv.org/abs/2305.13245)
  std::size_t head_dim = 0;
  float scale = 1.0F;        ///< usually 1 / sqrt(head_dim)
  float softcap = 0.0F;      ///< 0: none
  std::uint32_t window = 0;  ///< only the last `window` slots are visible; 0: all
  Visibility visibility = Visibility::causal;
  std::size_t layer = 0;        ///< the number that probes show
  std::size_t cache_layer = 0;  ///< whose tiles of the cache. The layers of an encoder take turns with one
};

/// The slots [first, end) that a row sees.
struct VisibleSlots {
  std::uint32_t first;
  std::uint32_t end;
};
VisibleSlots visible_slots(const AttentionOptions& options, const Step& step, const RowRun& run, std::uint32_t row);

/// Which of these the row sees, one bit a slot (Row::visible_slots); null: all of them.
inline const std::uint32_t* visible_words(const AttentionOptions& options, const Step& step, std::uint32_t row) {
  return options.visibility == Visibility::source ? nullptr : step.batch().rows[row].visible_slots;
}

/// One row and head whose scores are to be biased.
struct BiasPlace {
  const RowRun& run;
  std::uint32_t row;
  std::size_t head;
  VisibleSlots visible;
};

/// What is added to the scores after scale and softcap: relative positions, segments.
class AttentionBias {
 public:
  virtual ~AttentionBias() = default;
  /// Values that `fill` reads: [rows, ...].
  virtual std::vector<Value> inputs() const { return {}; }
  /// Writes bias[slot] for each visible slot; the others are not read.
  virtual void fill(const Step& step, const BiasPlace& place, float* bias) const noexcept = 0;
};

/// queries [rows, heads * head_dim] -> output [rows, heads * head_dim]. Keys and values are in the cache already.
class AttentionPhase final : public Phase {
 public:
  AttentionPhase(const AttentionOptions& options, Value queries, Value output,
                 std::shared_ptr<const AttentionBias> bias = nullptr)
      : options_(options), queries_(queries), output_(output), bias_(std::move(bias)) {}

  /// Throws ShapeError "shape.sequence_cache" where the cache that it reads is not there or of another shape.
  void check(const Batch& batch, const RowRun& run) const override;
  std::uint32_t tasks(const Step& step) const noexcept override;
  std::size_t scratch_bytes(const Step& step) const noexcept override;
  void run(const Step& step, std::uint32_t task, std::byte* scratch) const noexcept override;

 private:
  /// Some rows of a run and the heads that share one key head.
  struct Piece {
    const RowRun* run;
    std::uint32_t first_row;
    std::uint32_t row_count;
    std::size_t kv_head;
  };
  const KvCache& cache_of(const Step& step, const RowRun& run) const noexcept;
  std::uint32_t pieces(const Step& step) const noexcept;
  bool is_small(const Step& step) const noexcept;
  Piece piece(const Step& step, std::uint32_t index) const noexcept;
  void run_piece(const Step& step, const Piece& piece, std::byte* scratch) const noexcept;

  AttentionOptions options_;
  Value queries_, output_;
  std::shared_ptr<const AttentionBias> bias_;  ///< null: none
};

}  // namespace eigenformer::inline EIGENFORMER_ABI::nn

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/nn/attention_phase-inl.hpp"
#endif
