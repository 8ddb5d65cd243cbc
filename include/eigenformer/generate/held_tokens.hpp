// Tokens whose text is not shown yet, because they may have to be taken back: a banned text may begin in them.
//
// What stays is decided by whole tokens, for it is tokens that are taken back. So what is held is the text of the token
// in which a banned text may begin, and of those behind it: fewer bytes than the longest banned text and that token
// have together, and a character that was begun before it. Everything before is released at once, and never taken back:
// where tokens that came behind it are replaced by others with which a banned text is complete that begins in it, the
// first of those goes.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "eigenformer/core/config.hpp"
#include "eigenformer/generate/banned_strings.hpp"
#include "eigenformer/generate/continuation.hpp"
#include "eigenformer/generate/text_writer.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::generation {

/// How often tokens are taken back one after another while none stays, at most: then the text ends.
inline constexpr std::size_t k_most_attempts = 1024;

/// All that changes with a token, as it was before it was chosen.
struct Checkpoint {
  Continuation::Past past;
  TextWriter writer;
  std::size_t accepted = 0;  ///< drafted tokens that were right
};

/// What a token has written.
struct Written {
  std::string text = {};       ///< what may be shown if the token stays
  std::string decoded = {};    ///< what it spells, up to the end of a stop string
  std::string undecoded = {};  ///< what would be added to that if no token came behind it
};

class HeldTokens {
 public:
  explicit HeldTokens(std::shared_ptr<const BannedStrings> banned) : banned_(std::move(banned)) {}

  /// A token that has been chosen. Where it completes a banned text, what there was before the first held token with a
  /// part in that: this one and all behind it are not held any longer.
  std::optional<Checkpoint> push(Checkpoint before, const Written& written);
  /// What there was before the last token, which is not held any longer; none where none is held.
  std::optional<Checkpoint> pop();
  /// The text of the tokens that stay for certain, which are not held any longer.
  std::string release();
  /// The text of all, which stay because nothing follows; then `last`, what the end itself has made certain. Without it
  /// where it would complete a banned text.
  std::string release_all(const Written& last);

  /// Tokens that may be taken back.
  std::size_t size() const noexcept { return tokens_.size(); }
  /// Whether too many have been taken back since one has stayed.
  bool exhausted() const noexcept { return attempts_ > k_most_attempts; }

 private:
  struct Token {
    Checkpoint before;
    std::string text;
    std::size_t end;    ///< of form_, when it had been pushed
    std::size_t reach;  ///< how far it reaches together with what was not decoded yet
  };
  std::size_t first_of(std::size_t place) const;
  Checkpoint go_back(std::size_t index);
  void forget_released();

  std::shared_ptr<const BannedStrings> banned_;
  std::vector<Token> tokens_;
  std::string form_;          ///< of all that they spell, and before that of the end of what has been released
  std::size_t released_ = 0;  ///< bytes of the form that have been released
  std::size_t attempts_ = 0;
};

}  // namespace eigenformer::inline EIGENFORMER_ABI::generation

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/generate/held_tokens-inl.hpp"
#endif
