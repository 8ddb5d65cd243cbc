// How text is to be made: the options of chat, run and generate.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "eigenformer/generate.hpp"

namespace cli {

namespace ef = eigenformer;

/// What the command line says; the rest stays as it was.
struct GenerationFlags {
  std::optional<std::uint64_t> max_new_tokens, max_length, top_k, num_return_sequences, num_beams, log_probabilities;
  std::optional<double> temperature, top_p, min_p, repetition_penalty, length_penalty;
  std::optional<ef::EarlyStopping> early_stopping;
  std::vector<std::string> stop, banned_strings;

  /// Whether a filter is named, which is of use only where tokens are drawn.
  bool has_filter() const { return top_k || top_p || min_p; }
};

/// Adds -n, --max-length, --temperature, --top-k, --top-p, --min-p, --repetition-penalty, --stop, --ban,
/// --beams, --length-penalty, --early-stopping and the options of later versions.
void add_generation_options(CLI::App& command, GenerationFlags& flags);
/// Adds --num-return-sequences and --log-probabilities.
void add_sequences_option(CLI::App& command, GenerationFlags& flags);

/// `options` with what the command line says. A filter without --temperature means temperature 1 where `options` has
/// none, as in transformers' generate(do_sample=True).
ef::GenerateOptions with_flags(ef::GenerateOptions options, const GenerationFlags& flags);

}  // namespace cli
