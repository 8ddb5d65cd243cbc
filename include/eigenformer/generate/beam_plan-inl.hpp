#pragma once

#include <string>
#include <utility>

#include "eigenformer/error.hpp"
#include "eigenformer/generate/beam_plan.hpp"
#include "eigenformer/generate/check_option.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::generation {

namespace beam_plan_detail {

/// What an option needs of the others.
struct Conflict {
  const char* option;
  std::string expected, found, remedy;
};

[[noreturn]] inline void refuse(Conflict conflict) {
  throw UsageError({.id = "usage.beam_options",
                    .expected = std::move(conflict.expected),
                    .found = std::move(conflict.found),
                    .where = conflict.option,
                    .remedy = std::move(conflict.remedy)});
}

/// An option that is of use with several beams alone.
inline void require_beams(const char* option, bool is_given) {
  if (!is_given) return;
  refuse({option, "num_beams above 1", "num_beams 1", "leave the option out, or raise num_beams"});
}

/// An option of one text that is written token by token.
[[noreturn]] inline void refuse_with_beams(const char* option, std::size_t num_beams) {
  refuse({option, "num_beams 1", "num_beams " + std::to_string(num_beams), "leave the option out, or num_beams"});
}

inline void check_groups(const GenerateOptions& options, std::size_t num_beams) {
  const std::string groups = "num_beam_groups " + std::to_string(options.num_beam_groups);
  if (num_beams % options.num_beam_groups != 0) {
    refuse({"num_beam_groups", "groups of the same size", groups + " of num_beams " + std::to_string(num_beams),
            "let num_beams be a multiple of num_beam_groups"});
  }
  if (options.num_beam_groups == 1 && options.diversity_penalty != 0) {
    refuse({"diversity_penalty", "num_beam_groups above 1", groups, "leave the option out, or raise num_beam_groups"});
  }
  if (options.num_beam_groups == 1) return;
  if (options.diversity_penalty == 0) {
    refuse({"diversity_penalty", "a diversity_penalty above 0 with several groups",
            "0, with which all groups would be the same", "pass one, or leave num_beam_groups out"});
  }
  if (options.temperature != 0) {
    refuse({"num_beam_groups", "temperature 0 with several groups", groups + " and a temperature",
            "leave the temperature out, or num_beam_groups"});
  }
}

/// transformers takes the first end token where no padding token is given.
inline std::optional<TokenId> padding_token(const GenerateOptions& options, const ModelState& model) {
  if (model.generation_defaults.padding_token) return model.generation_defaults.padding_token;
  if (!options.stop_tokens.empty()) return options.stop_tokens.front();
  if (!options.ignore_end_tokens && !model.end_tokens.empty()) return model.end_tokens.front();
  return std::nullopt;
}

}  // namespace beam_plan_detail

EIGENFORMER_INLINE void check_beam_options(const GenerateOptions& options) {
  using namespace beam_plan_detail;
  const std::size_t num_beams = options.num_beams.value_or(1);
  check_count("num_beams", num_beams, {1, k_most_beams});
  check_count("num_beam_groups", options.num_beam_groups, {1, k_most_beams});
  check_number("diversity_penalty", options.diversity_penalty, {0, 10000});
  check_number("length_penalty", options.length_penalty.value_or(1),
               {-k_largest_length_penalty, k_largest_length_penalty});
  if (num_beams == 1) {
    require_beams("num_beam_groups", options.num_beam_groups > 1);
    require_beams("diversity_penalty", options.diversity_penalty != 0);
    return;
  }
  check_groups(options, num_beams);
  if (options.log_probabilities) refuse_with_beams("log_probabilities", num_beams);
  if (options.guidance_scale != 1) refuse_with_beams("guidance_scale", num_beams);
  if (options.mirostat) refuse_with_beams("mirostat", num_beams);
  if (options.num_return_sequences <= num_beams) return;
  refuse({"num_return_sequences", "as many sequences as beams or fewer",
          "num_return_sequences " + std::to_string(options.num_return_sequences) + " of num_beams " +
              std::to_string(num_beams),
          "ask for fewer sequences, or raise num_beams"});
}

EIGENFORMER_INLINE BeamPlan plan_beams(const GenerateOptions& options, const ModelState& model) {
  return {.num_beams = options.num_beams.value_or(1),
          .num_beam_groups = options.num_beam_groups,
          .length_penalty = options.length_penalty.value_or(1),
          .early_stopping = options.early_stopping.value_or(EarlyStopping::no),
          .draws = options.temperature > 0,
          .seed = options.seed,
          .padding_token = beam_plan_detail::padding_token(options, model)};
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::generation
