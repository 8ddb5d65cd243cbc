#pragma once

#include <algorithm>

#include "eigenformer/chat/template/text.hpp"

namespace eigenformer::inline EIGENFORMER_ABI {
namespace chat {
namespace templating {

EIGENFORMER_INLINE CodePoint decode(std::string_view bytes, std::size_t position) {
  const auto at = [&](std::size_t i) { return static_cast<unsigned char>(bytes[position + i]); };
  const auto lead = at(0);
  if (lead < 0x80) return {lead, 1};
  const CodePoint invalid = {char32_t{0xDC00} + lead, 1};
  const std::size_t size = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || size > bytes.size() - position) return invalid;
  char32_t value = lead & (0x7Fu >> size);
  for (std::size_t i = 1; i < size; ++i) {
    if ((at(i) & 0xC0) != 0x80) return invalid;
    value = (value << 6) | (at(i) & 0x3Fu);
  }
  const bool overlong = (size == 3 && value < 0x800) || (size == 4 && value < 0x10000);
  if (overlong || value > 0x10FFFF || (value >= 0xD800 && value < 0xE000)) return invalid;
  return {value, size};
}

EIGENFORMER_INLINE void encode(char32_t value, std::string& out) {
  const auto byte = [&](char32_t bits) { out.push_back(static_cast<char>(static_cast<unsigned char>(bits))); };
  if (value < 0x80) return byte(value);
  if (value >= 0xDC80 && value <= 0xDCFF) return byte(value - 0xDC00);
  if (value < 0x800) {
    byte(0xC0 | (value >> 6));
  } else {
    if (value < 0x10000) {
      byte(0xE0 | (value >> 12));
    } else {
      byte(0xF0 | (value >> 18));
      byte(0x80 | ((value >> 12) & 0x3F));
    }
    byte(0x80 | ((value >> 6) & 0x3F));
  }
  byte(0x80 | (value & 0x3F));
}

EIGENFORMER_INLINE std::size_t count_code_points(std::string_view bytes) {
  std::size_t count = 0;
  for (std::size_t position = 0; position < bytes.size(); ++count) position += decode(bytes, position).size;
  return count;
}

EIGENFORMER_INLINE std::size_t offset_of(std::string_view bytes, std::size_t index) {
  std::size_t position = 0;
  for (; index > 0 && position < bytes.size(); --index) position += decode(bytes, position).size;
  return position;
}

EIGENFORMER_INLINE void TextBuilder::mark(std::size_t begin, std::size_t end) {
  if (begin == end) return;
  auto& spans = text_.content;
  if (!spans.empty() && spans.back().end == begin) {
    spans.back().end = end;
  } else {
    spans.push_back({begin, end});
  }
}

EIGENFORMER_INLINE void TextBuilder::append(std::string_view bytes, Provenance provenance) {
  const std::size_t begin = text_.bytes.size();
  runtime_->check_text(begin + bytes.size());
  runtime_->bytes(bytes.size());
  text_.bytes.append(bytes);
  if (provenance == Provenance::content) mark(begin, text_.bytes.size());
}

EIGENFORMER_INLINE void TextBuilder::append(const Text& text, std::size_t begin, std::size_t end) {
  const std::size_t offset = text_.bytes.size();
  append(std::string_view(text.bytes).substr(begin, end - begin));
  auto span =
      std::partition_point(text.content.begin(), text.content.end(), [&](const ByteSpan& s) { return s.end <= begin; });
  for (; span != text.content.end() && span->begin < end; ++span) {
    runtime_->bytes(sizeof(ByteSpan));
    mark(std::max(span->begin, begin) - begin + offset, std::min(span->end, end) - begin + offset);
  }
}

EIGENFORMER_INLINE void TextBuilder::append(char32_t code_point, Provenance provenance) {
  const std::size_t begin = text_.bytes.size();
  runtime_->check_text(begin + 4);
  encode(code_point, text_.bytes);
  runtime_->bytes(text_.bytes.size() - begin);
  if (provenance == Provenance::content) mark(begin, text_.bytes.size());
}

EIGENFORMER_INLINE void TextBuilder::repeat(std::string_view bytes, std::size_t count, Provenance provenance) {
  const std::size_t limit = runtime_->limits().output_bytes;
  if (!bytes.empty() && count > limit / bytes.size()) runtime_->check_text(limit + 1);
  for (; count > 0; --count) append(bytes, provenance);
}

EIGENFORMER_INLINE Provenance TextCursor::provenance() {
  const auto& spans = text_->content;
  while (span_ < spans.size() && spans[span_].end <= position_) ++span_;
  return span_ < spans.size() && spans[span_].begin <= position_ ? Provenance::content : Provenance::trusted;
}

EIGENFORMER_INLINE char32_t TextCursor::next() {
  const CodePoint point = decode(text_->bytes, position_);
  position_ += point.size;
  return point.value;
}

EIGENFORMER_INLINE Value slice_bytes(Runtime& runtime, const Text& text, std::size_t begin, std::size_t end) {
  TextBuilder out(runtime);
  out.append(text, begin, std::max(begin, end));
  return out.escaped(text.escaped).value();
}

EIGENFORMER_INLINE Value plain(Runtime& runtime, std::string_view bytes) {
  TextBuilder out(runtime);
  out.append(bytes);
  return out.value();
}

}  // namespace templating
}  // namespace chat
}  // namespace eigenformer::inline EIGENFORMER_ABI
