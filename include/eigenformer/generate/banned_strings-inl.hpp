#pragma once

#include "eigenformer/error.hpp"
#include "eigenformer/generate/banned_strings.hpp"
#include "eigenformer/generate/check_option.hpp"
#include "eigenformer/generate/find_texts.hpp"
#include "eigenformer/tokenize/case_folding.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::generation {

namespace banned_strings_detail {

inline constexpr TextsRange k_range{.most = 1024, .most_bytes = 1024};

inline void refuse_beams(std::size_t beams) {
  throw UsageError({.id = "usage.ban_beams",
                    .expected = "one beam where texts are banned",
                    .found = "num_beams " + std::to_string(beams),
                    .where = "banned_strings",
                    .remedy = "leave one of the two out; translate() and summarize() take num_beams 1"});
}

/// What such a model keeps of a token depends on the one behind it.
inline void refuse_two_streams(const ModelState& model) {
  throw UsageError({.id = "usage.ban_two_streams",
                    .expected = "a model that can go back by a token",
                    .found = "the two-stream model " + model.info.architecture + ", which cannot",
                    .where = "banned_strings",
                    .remedy = "leave the option out; bad_words bans tokens"});
}

}  // namespace banned_strings_detail

EIGENFORMER_INLINE BannedStrings::BannedStrings(const GenerateOptions& options) : case_(options.banned_strings_case) {
  for (const std::string& text : options.banned_strings) forms_.push_back(form(text));
}

EIGENFORMER_INLINE std::string BannedStrings::form(std::string_view text) const {
  return case_ == CaseSensitivity::insensitive ? tokenize::folded_text(text) : std::string(text);
}

EIGENFORMER_INLINE std::optional<ByteSpan> BannedStrings::find(std::string_view form) const {
  return first_complete(form, forms_);
}

EIGENFORMER_INLINE std::size_t BannedStrings::undecided(std::string_view form) const {
  return undecided_bytes(form, forms_);
}

EIGENFORMER_INLINE void check_banned_strings(const GenerateOptions& options, const ModelState& model) {
  if (options.banned_strings.empty()) return;
  check_texts("banned_strings", options.banned_strings, banned_strings_detail::k_range);
  const std::size_t beams = options.num_beams.value_or(1);
  if (beams > 1) banned_strings_detail::refuse_beams(beams);
  if (model.network->info().segments) banned_strings_detail::refuse_two_streams(model);
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::generation
