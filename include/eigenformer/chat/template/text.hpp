// Operations on text that keep its provenance, and the code points that Python counts strings in.
#pragma once

#include <string_view>

#include "eigenformer/chat/template/runtime.hpp"

namespace eigenformer::inline EIGENFORMER_ABI {
namespace chat {
namespace templating {

struct CodePoint {
  char32_t value;
  std::size_t size;  // bytes
};

/// The code point at `position`. A byte that is no part of UTF-8 is one of U+DC80..U+DCFF, as in Python's
/// surrogateescape.
CodePoint decode(std::string_view bytes, std::size_t position);
/// Appends UTF-8, or the one byte that U+DC80..U+DCFF stands for.
void encode(char32_t value, std::string& out);
/// How many code points there are.
std::size_t count_code_points(std::string_view bytes);
/// Byte offset of the code point number `index`; the end where there are fewer.
std::size_t offset_of(std::string_view bytes, std::size_t index);

/// Writes a text piece by piece, inside the budgets.
class TextBuilder {
 public:
  explicit TextBuilder(Runtime& runtime) : runtime_(&runtime) {}

  void append(std::string_view bytes, Provenance provenance = Provenance::trusted);
  void append(const Text& text) { append(text, 0, text.bytes.size()); }
  void append(const Text& text, std::size_t begin, std::size_t end);
  void append(char32_t code_point, Provenance provenance);
  /// Charges for a text that is written anew character by character.
  void expect(const Text& text) { runtime_->characters(text.bytes.size()); }
  void repeat(std::string_view bytes, std::size_t count, Provenance provenance = Provenance::trusted);

  std::size_t size() const { return text_.bytes.size(); }
  Text take() { return std::move(text_); }
  Value value() { return runtime_->text(take()); }
  TextBuilder& escaped(bool escaped) {
    text_.escaped = escaped;
    return *this;
  }

 private:
  void mark(std::size_t begin, std::size_t end);

  Runtime* runtime_;
  Text text_;
};

/// Walks a text by code points and says of each who wrote it.
class TextCursor {
 public:
  explicit TextCursor(const Text& text, std::size_t position = 0) : text_(&text), position_(position) {}
  bool done() const { return position_ >= text_->bytes.size(); }
  std::size_t position() const { return position_; }
  char32_t peek() const { return decode(text_->bytes, position_).value; }
  Provenance provenance();
  char32_t next();

 private:
  const Text* text_;
  std::size_t position_ = 0;
  std::size_t span_ = 0;
};

/// Bytes [begin, end) with their provenance.
Value slice_bytes(Runtime& runtime, const Text& text, std::size_t begin, std::size_t end);
/// Text of the template itself.
Value plain(Runtime& runtime, std::string_view bytes);
/// Whether any byte came from content.
inline Provenance provenance_of(const Text& text) {
  return text.content.empty() ? Provenance::trusted : Provenance::content;
}

}  // namespace templating
}  // namespace chat
}  // namespace eigenformer::inline EIGENFORMER_ABI
