#pragma once

#include <algorithm>
#include <utility>

#include "eigenformer/generate/held_tokens.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::generation {

namespace held_tokens_detail {

/// The bytes of a text in which U+FFFD stands for one byte: of an unfinished character, whatever it becomes.
inline std::size_t bytes_at_least(std::string_view form) {
  constexpr std::string_view k_replacement = "\xEF\xBF\xBD";
  std::size_t bytes = form.size();
  for (std::size_t place = form.find(k_replacement); place != std::string_view::npos;
       place = form.find(k_replacement, place + k_replacement.size())) {
    bytes -= k_replacement.size() - 1;
  }
  return bytes;
}

}  // namespace held_tokens_detail

EIGENFORMER_INLINE std::optional<Checkpoint> HeldTokens::push(Checkpoint before, const Written& written) {
  form_ += banned_->form(written.decoded);
  const std::size_t reach = form_.size() + held_tokens_detail::bytes_at_least(banned_->form(written.undecoded));
  tokens_.push_back({std::move(before), written.text, form_.size(), reach});
  if (const std::optional<ByteSpan> found = banned_->find(form_)) return go_back(first_of(found->begin));
  return std::nullopt;
}

EIGENFORMER_INLINE std::optional<Checkpoint> HeldTokens::pop() {
  if (tokens_.empty()) return std::nullopt;
  return go_back(tokens_.size() - 1);
}

/// The first token with a part in what begins at that place of the form.
EIGENFORMER_INLINE std::size_t HeldTokens::first_of(std::size_t place) const {
  const std::size_t begin = std::max(place, released_);
  const auto first = std::ranges::find_if(tokens_, [begin](const Token& token) { return token.reach > begin; });
  return static_cast<std::size_t>(first - tokens_.begin());
}

EIGENFORMER_INLINE Checkpoint HeldTokens::go_back(std::size_t index) {
  ++attempts_;
  Checkpoint before = std::move(tokens_[index].before);
  tokens_.erase(tokens_.begin() + static_cast<std::ptrdiff_t>(index), tokens_.end());
  form_.resize(index == 0 ? released_ : tokens_[index - 1].end);
  return before;
}

EIGENFORMER_INLINE std::string HeldTokens::release() {
  const std::size_t count = first_of(form_.size() - banned_->undecided(form_));
  std::string text;
  if (count == 0) return text;
  attempts_ = 0;
  released_ = tokens_[count - 1].end;
  for (std::size_t index = 0; index < count; ++index) text += tokens_[index].text;
  tokens_.erase(tokens_.begin(), tokens_.begin() + static_cast<std::ptrdiff_t>(count));
  forget_released();
  return text;
}

/// Keeps the end of what has been released with which a banned text may begin: there is one where tokens behind it have
/// been taken back.
EIGENFORMER_INLINE void HeldTokens::forget_released() {
  const std::size_t kept = banned_->undecided(std::string_view(form_).substr(0, released_));
  const std::size_t forgotten = released_ - kept;
  form_.erase(0, forgotten);
  released_ = kept;
  for (Token& token : tokens_) {
    token.end -= forgotten;
    token.reach -= forgotten;
  }
}

EIGENFORMER_INLINE std::string HeldTokens::release_all(const Written& last) {
  std::string text;
  for (const Token& token : tokens_) text += token.text;
  if (!banned_->find(form_ + banned_->form(last.decoded))) text += last.text;
  tokens_.clear();
  released_ = form_.size();
  return text;
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::generation
