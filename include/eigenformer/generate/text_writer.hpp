// From token ids to the text that may be shown: whole characters, up to a stop string.
#pragma once

#include <string>
#include <vector>

#include "eigenformer/core/config.hpp"
#include "eigenformer/generate/stop_strings.hpp"
#include "eigenformer/tokenizer.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::generation {

/// Special tokens are left out.
class TextWriter {
 public:
  TextWriter(const Tokenizer& tokenizer, std::vector<std::string> stops)
      : decoder_(tokenizer.stream({.skip_special_tokens = true})), stops_(std::move(stops)) {}

  /// The text that this token makes certain; may be empty.
  std::string push(TokenId id) { return stops_.push(decoder_.push(id)); }
  /// What was held back, when no more tokens come.
  std::string finish() {
    std::string text = stops_.push(decoder_.finish());
    return text + stops_.finish();
  }
  bool stopped() const noexcept { return stops_.found(); }

 private:
  StreamDecoder decoder_;
  StopStrings stops_;
};

}  // namespace eigenformer::inline EIGENFORMER_ABI::generation
