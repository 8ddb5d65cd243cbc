// Weights by name and shape, strictly: what is missing, mis-shaped or left over is an error.
//
//   q_proj(w / "self_attn" / "q_proj") claims "model.layers.3.self_attn.q_proj.weight" when w is that layer's scope.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "eigenformer/core/config.hpp"
#include "eigenformer/core/shape.hpp"
#include "eigenformer/format/load_progress.hpp"
#include "eigenformer/format/raw_tensor.hpp"
#include "eigenformer/format/tensor_file.hpp"
#include "eigenformer/format/tensor_naming.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::format {

/// A scope of names over a file of tensors. Cheap to copy; scopes of one file share what has been claimed. One thread
/// at a time.
class WeightSource {
 public:
  struct State;
  explicit WeightSource(std::shared_ptr<State> state, std::string scope = "");

  /// The scope below this one: (w / "layers" / "3") / "mlp".
  WeightSource operator/(std::string_view name) const;

  /// Reads the tensor `name` of this scope (which may hold dots; empty: the scope's own name) and marks it as used.
  /// WeightError "weight.missing" or "weight.shape"; CancelledError "cancelled.load". A tensor may be claimed more than
  /// once.
  RawTensor claim(std::string_view name, const Shape& shape) const;
  /// The same without its bytes: type, shape and name.
  RawTensor claim_unread(std::string_view name, const Shape& shape) const;

  /// Whether the file has it. Only for decisions that no config key makes (tied heads of GGUF files, buffers).
  bool has(std::string_view name) const;

  /// Tensors of the file that belong to other classes than the one that is loaded, and are not read. Names as in
  /// `finish`.
  void pass_over(std::string_view pattern) const;

  /// Call when everything is claimed: tensors left over are one WeightError "weight.extra" that names the first few.
  /// Those pass whose name in the file, with or without an optional prefix, matches a pattern ('*' stands for
  /// anything).
  void finish(std::span<const std::string_view> ignorable_patterns = {}) const;

  /// The checkpoint's full name of a tensor of this scope.
  std::string full_name(std::string_view name) const;
  /// The file, for messages.
  std::string where() const;

 private:
  std::shared_ptr<State> state_;
  std::string scope_;
};

/// The root scope of a file. `progress` may be null and must outlive the load.
WeightSource make_weight_source(std::shared_ptr<const TensorFile> file, TensorNaming naming,
                                const LoadProgress* progress);

}  // namespace eigenformer::inline EIGENFORMER_ABI::format

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/format/weight_source-inl.hpp"
#endif
