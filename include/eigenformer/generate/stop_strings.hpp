// Finds stop strings in text that comes in pieces, and says what of it may be shown already.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "eigenformer/core/config.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::generation {

/// Text in, text out, up to the first stop string: the one that is complete first, and of several that are complete at
/// the same byte the longest. What may be the beginning of one is held back. The result does not depend on how the text
/// is cut into pieces. Stop strings are UTF-8 and so is the text, so what comes out is whole characters.
class StopStrings {
 public:
  explicit StopStrings(std::vector<std::string> stops) : stops_(std::move(stops)) {}

  /// The text that is certain now. Nothing more comes once found() is true.
  std::string push(std::string_view piece);
  /// What was held back, when no more text comes.
  std::string finish();
  /// Whether a stop string has been complete.
  bool found() const noexcept { return found_; }
  /// How many bytes of the text that was pushed last stand behind the stop string that it completed.
  std::size_t behind() const noexcept { return behind_; }

 private:
  std::vector<std::string> stops_;
  std::string held_;
  bool found_ = false;
  std::size_t behind_ = 0;
};

}  // namespace eigenformer::inline EIGENFORMER_ABI::generation

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/generate/stop_strings-inl.hpp"
#endif
