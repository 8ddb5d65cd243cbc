// Scaled dot-product attention on views: softmax(scale q k^T + bias) v. https://arxiv.org/abs/1706.03762, section 3.2.1
//
// Keys and values are packed into tiles of 32 slots, as the cache keeps them, and given to the kernel that the cached
// attention uses: there is one attention in this library. With softcap c a score s becomes c tanh(s / c)
// (https://arxiv.org/abs/2408.00118, section 2). Fewer key heads than heads are shared by neighbouring heads
// (https://arxiv.org/abs/2305.13245).
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "eigenformer/core/config.hpp"
#include "eigenformer/core/tensor_view.hpp"
#include "eigenformer/kernels/kernel_table.hpp"
#include "eigenformer/ops/heads.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::ops {

/// [rows, slots]: whether a query row sees a key slot.
using ConstMaskView = Eigen::Map<const Eigen::Matrix<bool, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>>;

/// Which slots a query row may see by its place. A mask, where there is one, hides more.
enum class Sight : std::uint8_t {
  everything,  ///< encoders, cross-attention
  past,        ///< slots up to its own (causal)
};

struct AttentionOptions {
  float scale = 1.0F;    ///< usually 1 / sqrt(head_dim)
  float softcap = 0.0F;  ///< 0: none
  Sight sight = Sight::everything;
  std::uint32_t window = 0;                ///< with Sight::past: only the last `window` slots; 0: all
  std::uint32_t first_query_slot = 0;      ///< with Sight::past: the slot of query row 0
  std::optional<ConstMaskView> mask = {};  ///< [rows, slots]
  /// [heads or 1, rows, slots], added to the scores; minus infinity hides a slot.
  std::optional<ConstHeadsView> bias = {};
  kernels::CacheType type = kernels::CacheType::f32;  ///< what keys and values are rounded to
};

/// What is attended with and to.
struct AttentionOperands {
  ConstHeadsView queries;  ///< [heads, rows, head_dim]
  ConstHeadsView keys;     ///< [kv_heads, slots, head_dim]
  ConstHeadsView values;   ///< [kv_heads, slots, head_dim]
};

/// output [heads, rows, head_dim]. A row that sees nothing gets zeros. Throws ShapeError, std::bad_alloc.
void scaled_dot_product_attention(const kernels::KernelTable& kernels, const AttentionOperands& operands,
                                  const AttentionOptions& options, const HeadsView& output);

/// softmax(scale q k^T + bias): [heads][rows][slots], for those who want to look at it. Slots that a row does not see
/// have zero. Operands and errors as above; the values are not looked at.
std::vector<float> attention_probabilities(const kernels::KernelTable& kernels, const AttentionOperands& operands,
                                           const AttentionOptions& options);

}  // namespace eigenformer::inline EIGENFORMER_ABI::ops

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/ops/attention-inl.hpp"
#endif
