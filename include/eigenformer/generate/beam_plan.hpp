// How beams are searched: the options of beam search, checked, with what a model's files add.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "eigenformer/core/config.hpp"
#include "eigenformer/generate.hpp"
#include "eigenformer/model_state.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::generation {

struct BeamPlan {
  std::size_t num_beams = 1;  ///< 1: no search
  std::size_t num_beam_groups = 1;
  double length_penalty = 1;
  EarlyStopping early_stopping = EarlyStopping::no;
  bool draws = false;  ///< beam sampling
  std::uint64_t seed = 0;
  /// What the beams of a group that has ended count as in the diversity penalty of the groups behind it.
  std::optional<TokenId> padding_token = {};

  std::size_t group_size() const noexcept { return num_beams / num_beam_groups; }
  bool is_grouped() const noexcept { return num_beam_groups > 1; }
};

/// Throws UsageError "usage.option_range" for an option of beams that is out of its range, "usage.beam_options" for one
/// that does not go with the others.
void check_beam_options(const GenerateOptions& options);

/// What the options, which have been checked, come to.
BeamPlan plan_beams(const GenerateOptions& options, const ModelState& model);

}  // namespace eigenformer::inline EIGENFORMER_ABI::generation

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/generate/beam_plan-inl.hpp"
#endif
