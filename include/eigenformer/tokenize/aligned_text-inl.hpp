#pragma once

#include <algorithm>
#include <utility>

#include "eigenformer/error.hpp"
#include "eigenformer/tokenize/aligned_text.hpp"
#include "eigenformer/tokenize/character.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

namespace aligned_text_detail {

/// A character can become 18 (U+FDFA) or, by sentencepiece's tables, 128 bytes, and a text of one may get a prefix.
/// Places are kept in 32 bits.
inline std::size_t most_bytes(std::size_t source_bytes) {
  constexpr std::uint64_t k_factor = 256, k_any_text = 65536, k_places = 0xFFFFFFFFU;
  return static_cast<std::size_t>(std::min(k_factor * source_bytes + k_any_text, k_places));
}

}  // namespace aligned_text_detail

EIGENFORMER_INLINE AlignedText::AlignedText(std::string_view text, std::size_t origin, Places places)
    : source_(text), origin_(origin), kept_(places), lead_(text.empty() ? 0 : character_at(text, 0).bytes) {}

EIGENFORMER_INLINE ByteSpan AlignedText::place(std::size_t byte) const {
  std::size_t begin = byte;
  if (changed_) {
    begin = places_[byte];
  } else {
    while (begin > 0 && is_continuation(source_[begin])) --begin;
  }
  return {origin_ + begin, origin_ + begin + character_at(source_, begin).bytes};
}

EIGENFORMER_INLINE ByteSpan AlignedText::origin_of(ByteSpan span) const {
  if (span.empty()) return {origin_, origin_};
  return {place(span.begin).begin, place(span.end - 1).end};
}

EIGENFORMER_INLINE AlignedText AlignedText::slice(ByteSpan span) const {
  if (!changed_) return AlignedText(source_.substr(span.begin, span.size()), origin_ + span.begin, kept_);
  AlignedText part(source_, origin_, kept_);
  part.changed_ = true;
  part.owned_ = owned_.substr(span.begin, span.size());
  part.lead_ = std::min(std::max(lead_, span.begin) - span.begin, span.size());
  if (kept_ == Places::every) {
    part.places_.assign(places_.begin() + static_cast<std::ptrdiff_t>(span.begin),
                        places_.begin() + static_cast<std::ptrdiff_t>(span.end));
  }
  return part;
}

EIGENFORMER_INLINE void AlignedText::transform(const std::vector<ChangedCharacter>& characters) {
  const std::string_view old = text();
  AlignedWriter writer(*this);
  std::size_t position = 0;  // of the next old character
  const auto take = [&] { position += position < old.size() ? character_at(old, position).bytes : 0; };
  for (const ChangedCharacter& character : characters) {
    const std::size_t from = character.change > 0 ? std::max<std::size_t>(position, 1) - 1 : position;
    for (int taken = character.change; taken <= 0; ++taken) take();
    writer.put(character.code_point, std::min(from, std::max<std::size_t>(old.size(), 1) - 1));
  }
  writer.finish();
}

EIGENFORMER_INLINE void AlignedText::replace(const std::vector<ByteSpan>& replaced, std::string_view text_instead) {
  if (replaced.empty()) return;
  AlignedWriter writer(*this);
  std::size_t position = 0;
  for (const ByteSpan& span : replaced) {
    writer.keep({position, span.begin});
    writer.put(text_instead, std::max<std::size_t>(span.end, 1) - 1);
    position = span.end;
  }
  writer.keep({position, text().size()});
  writer.finish();
}

EIGENFORMER_INLINE AlignedWriter::AlignedWriter(AlignedText& text)
    : text_(text), limit_(std::max(aligned_text_detail::most_bytes(text.source_.size()), text.text().size())) {
  const std::size_t size = text.text().size();
  next_.reserve(size + size / 8);
  if (text.kept_ == Places::every) places_.reserve(size + size / 8);
}

EIGENFORMER_INLINE std::uint32_t AlignedWriter::begin_of(std::size_t byte) const {
  if (text_.changed_) return byte < text_.places_.size() ? text_.places_[byte] : 0;
  while (byte > 0 && byte < text_.source_.size() && is_continuation(text_.source_[byte])) --byte;
  return static_cast<std::uint32_t>(byte);
}

EIGENFORMER_INLINE void AlignedWriter::too_large() const {
  throw TokenizerError({.id = "tokenizer.normalized_size",
                        .expected = "a normalizer that makes at most " + std::to_string(limit_) + " bytes of " +
                                    std::to_string(text_.source_.size()),
                        .found = "more",
                        .where = "Tokenizer::encode",
                        .remedy = "use the tokenizer that belongs to the model"});
}

EIGENFORMER_INLINE void AlignedWriter::place_until_end(std::size_t place) {
  if (place < text_.lead_) lead_ = next_.size();
  if (text_.kept_ == Places::every) places_.resize(next_.size(), begin_of(place));
}

EIGENFORMER_INLINE void AlignedWriter::keep(ByteSpan span) {
  if (span.empty()) return;
  need_room(span.size());
  if (span.begin < text_.lead_) lead_ = next_.size() + std::min(span.end, text_.lead_) - span.begin;
  next_.append(text_.text().substr(span.begin, span.size()));
  if (text_.kept_ != Places::every) return;
  if (text_.changed_) {
    places_.insert(places_.end(), text_.places_.begin() + static_cast<std::ptrdiff_t>(span.begin),
                   text_.places_.begin() + static_cast<std::ptrdiff_t>(span.end));
    return;
  }
  std::uint32_t begin = begin_of(span.begin);
  for (std::size_t k = span.begin; k < span.end; ++k) {
    if (!is_continuation(text_.source_[k])) begin = static_cast<std::uint32_t>(k);
    places_.push_back(begin);
  }
}

EIGENFORMER_INLINE void AlignedWriter::put(std::string_view bytes, std::size_t place) {
  need_room(bytes.size());
  next_.append(bytes);
  place_until_end(place);
}

EIGENFORMER_INLINE void AlignedWriter::put(char32_t code_point, std::size_t place) {
  need_room(4);
  append_character(code_point, next_);
  place_until_end(place);
}

EIGENFORMER_INLINE void AlignedWriter::finish() {
  text_.owned_ = std::move(next_);
  text_.places_ = std::move(places_);
  text_.lead_ = lead_;
  text_.changed_ = true;
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize
