// Where a checkpoint's name is found in a file.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "eigenformer/core/config.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::format {

/// How an architecture's names map to those of the file at hand.
struct TensorNaming {
  /// Pairs of (checkpoint's name, file's name), where {i} stands for a number:
  /// {"model.layers.{i}.self_attn.q_proj.weight", "blk.{i}.attn_q.weight"}. A name that no pair matches stays as it is.
  std::vector<std::pair<std::string, std::string>> to_file = {};
  /// Prefixes that may be present or absent in the file, whatever the architecture writes: "transformer.".
  std::vector<std::string> optional_prefixes = {};
  /// Pairs of (how names end, how older files of the same models end them): {"LayerNorm.weight", "LayerNorm.gamma"}.
  std::vector<std::pair<std::string, std::string>> older_endings = {};
};

/// The file's name by `to_file`; the first pair that matches counts.
std::string mapped_name(const TensorNaming& naming, std::string_view name);

/// The names under which a file may hold the tensor, in the order in which they are looked for: the mapped name, then
/// with each optional prefix taken away where it is there and added where it is not, then each of these with an older
/// ending.
std::vector<std::string> candidate_names(const TensorNaming& naming, std::string_view name);

}  // namespace eigenformer::inline EIGENFORMER_ABI::format

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/format/tensor_naming-inl.hpp"
#endif
