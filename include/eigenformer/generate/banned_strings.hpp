// GenerateOptions::banned_strings: which text has one, and where.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "eigenformer/core/byte_span.hpp"
#include "eigenformer/core/config.hpp"
#include "eigenformer/generate.hpp"
#include "eigenformer/model_state.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::generation {

/// Immutable. Texts are compared in a form in which those that count as equal are the same bytes.
class BannedStrings {
 public:
  /// The options have been checked.
  explicit BannedStrings(const GenerateOptions& options);

  /// The form of a text that texts are compared in. That of whole characters one after the other is theirs joined.
  std::string form(std::string_view text) const;
  /// The banned text that is complete first in a text of that form, of several the longest.
  std::optional<ByteSpan> find(std::string_view form) const;
  /// How many bytes at the end of a text of that form may be the beginning of a banned one.
  std::size_t undecided(std::string_view form) const;

 private:
  CaseSensitivity case_;
  std::vector<std::string> forms_;
};

/// Throws UsageError "usage.option_range", "usage.ban_beams" for a search with several beams, "usage.ban_two_streams"
/// for a model that cannot go back by one token.
void check_banned_strings(const GenerateOptions& options, const ModelState& model);

}  // namespace eigenformer::inline EIGENFORMER_ABI::generation

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/generate/banned_strings-inl.hpp"
#endif
