#pragma once

#include <algorithm>
#include <utility>

#include "eigenformer/tokenize/aligned_text.hpp"
#include "eigenformer/tokenize/character.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

EIGENFORMER_INLINE ByteSpan AlignedText::place(std::size_t byte) const {
  if (changed_) return places_[byte];
  std::size_t begin = byte;
  while (begin > 0 && is_continuation(view_[begin])) --begin;
  std::size_t end = byte + 1;
  while (end < view_.size() && is_continuation(view_[end])) ++end;
  return {origin_ + begin, origin_ + end};
}

EIGENFORMER_INLINE ByteSpan AlignedText::origin_of(ByteSpan span) const {
  if (span.empty()) return {origin_, origin_};
  return {place(span.begin).begin, place(span.end - 1).end};
}

EIGENFORMER_INLINE AlignedText AlignedText::slice(ByteSpan span) const {
  if (!changed_) return AlignedText(view_.substr(span.begin, span.size()), origin_ + span.begin);
  AlignedText part(std::string_view(), span.empty() ? origin_ : places_[span.begin].begin);
  part.become(owned_.substr(span.begin, span.size()),
              std::vector<ByteSpan>(places_.begin() + static_cast<std::ptrdiff_t>(span.begin),
                                    places_.begin() + static_cast<std::ptrdiff_t>(span.end)));
  return part;
}

EIGENFORMER_INLINE void AlignedText::become(std::string text, std::vector<ByteSpan> places) {
  owned_ = std::move(text);
  places_ = std::move(places);
  changed_ = true;
}

EIGENFORMER_INLINE void AlignedText::transform(const std::vector<ChangedCharacter>& characters) {
  const std::string_view old = text();
  std::string next;
  next.reserve(old.size());
  std::vector<ByteSpan> places;
  places.reserve(old.size());
  std::size_t position = 0;  // of the next old character
  const auto take = [&] { position += position < old.size() ? character_at(old, position).bytes : 0; };
  for (const ChangedCharacter& character : characters) {
    const bool inserted = character.change > 0;
    const std::size_t from = inserted ? std::max<std::size_t>(position, 1) - 1 : position;
    const ByteSpan origin = old.empty() ? ByteSpan{origin_, origin_} : place(std::min(from, old.size() - 1));
    for (int taken = character.change; taken <= 0; ++taken) take();
    append_character(character.code_point, next);
    places.resize(next.size(), origin);
  }
  become(std::move(next), std::move(places));
}

EIGENFORMER_INLINE void AlignedText::replace(const std::vector<ByteSpan>& replaced, std::string_view text_instead) {
  if (replaced.empty()) return;
  const std::string_view old = text();
  std::string next;
  std::vector<ByteSpan> places;
  std::size_t position = 0;
  const auto keep_until = [&](std::size_t end) {
    next.append(old.substr(position, end - position));
    for (; position < end; ++position) places.push_back(place(position));
  };
  for (const ByteSpan& span : replaced) {
    keep_until(span.begin);
    const std::size_t from = std::max<std::size_t>(span.end, 1) - 1;
    next.append(text_instead);
    places.resize(next.size(), place(from));
    position = span.end;
  }
  keep_until(old.size());
  become(std::move(next), std::move(places));
}

EIGENFORMER_INLINE void AlignedText::rewrite(std::string text, const std::vector<std::size_t>& used_before) {
  const std::size_t size = this->text().size();
  const auto border = [&](std::size_t used) {
    if (size == 0) return origin_;
    return used < size ? place(used).begin : place(size - 1).end;
  };
  std::vector<ByteSpan> places;
  places.reserve(text.size());
  std::size_t begin = border(used_before.front());
  for (std::size_t k = 0; k < text.size(); ++k) {
    const std::size_t end = used_before[k + 1] == used_before[k] ? begin : border(used_before[k + 1]);
    places.push_back({begin, end});
    begin = end;
  }
  become(std::move(text), std::move(places));
}

EIGENFORMER_INLINE void AlignedText::insert_spaces(const std::vector<std::size_t>& positions) {
  const std::string_view old = text();
  std::string next;
  next.reserve(old.size() + positions.size());
  std::vector<ByteSpan> places;
  places.reserve(old.size() + positions.size());
  auto insert = positions.begin();
  for (std::size_t k = 0; k < old.size(); ++k) {
    const ByteSpan origin = place(k);
    if (insert != positions.end() && *insert == k) {
      next.push_back(' ');
      places.push_back(origin);
      ++insert;
    }
    next.push_back(old[k]);
    places.push_back(origin);
  }
  become(std::move(next), std::move(places));
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize
