// From token ids to the text that may be shown: whole characters, up to a stop string.
#pragma once

#include <string>
#include <utility>
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
  std::string push(TokenId id) { return write(decoder_.push(id)); }
  /// What was held back, when no more tokens come.
  std::string finish() {
    std::string text = write(decoder_.finish());
    return text + stops_.finish();
  }
  bool stopped() const noexcept { return stops_.found(); }

  /// What the last push() or finish() has decoded, whether or not a stop string holds it back; nothing behind one.
  const std::string& decoded() const noexcept { return decoded_; }
  /// What would be decoded besides if no more tokens came: U+FFFD for the beginning of a character.
  std::string undecoded() const { return StreamDecoder(decoder_).finish(); }

 private:
  std::string write(std::string decoded) {
    decoded_ = std::move(decoded);
    const bool had_stopped = stopped();
    std::string text = stops_.push(decoded_);
    if (stopped()) decoded_.resize(had_stopped ? 0 : decoded_.size() - stops_.behind());
    return text;
  }

  StreamDecoder decoder_;
  StopStrings stops_;
  std::string decoded_;
};

}  // namespace eigenformer::inline EIGENFORMER_ABI::generation
