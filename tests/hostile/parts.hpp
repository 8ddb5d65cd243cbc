// Where the structure of a sound file lies: its headers, counts, offsets, names and vocabulary, but not its weights.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace eigenformer_tests::hostile {

/// What stands in a part, and so how it is damaged.
enum class PartKind : std::uint8_t {
  integer,      ///< little-endian, of 1, 2, 4 or 8 bytes
  varint,       ///< protobuf's integers
  text,         ///< a name or a token
  code,         ///< bytes that say what follows: a magic word, an opcode, a tag
  json_number,  //
  json_text,    ///< without its quotes, keys too
  json_value,   ///< of any type, with all that is in it
  json_member,  ///< a key and its value, or an element of an array
  token,        ///< of a template
};

/// A field that says how long a part is.
struct LengthField {
  std::size_t begin, width;
  friend bool operator==(const LengthField&, const LengthField&) = default;
};

struct Part {
  std::size_t begin, end;
  PartKind kind;
  std::vector<LengthField> lengths = {};
};

inline std::uint64_t little_endian(std::string_view bytes, std::size_t at, std::size_t width) {
  if (width > 8 || at > bytes.size() || width > bytes.size() - at) throw std::logic_error("the seed is not sound");
  std::uint64_t value = 0;
  std::memcpy(&value, bytes.data() + at, width);
  return value;
}

/// Walks over a sound file and notes its parts.
class PartReader {
 public:
  PartReader(std::string_view bytes, std::size_t begin, std::vector<Part>& parts)
      : bytes_(bytes), at_(begin), parts_(parts) {}

  std::size_t at() const { return at_; }
  bool is_before(std::size_t end) const { return at_ < end; }
  void skip(std::size_t count) { at_ += count; }
  std::uint64_t integer(std::size_t width) {
    parts_.push_back({at_, at_ + width, PartKind::integer});
    at_ += width;
    return little_endian(bytes_, at_ - width, width);
  }
  std::uint8_t code() {
    parts_.push_back({at_, at_ + 1, PartKind::code});
    return static_cast<std::uint8_t>(little_endian(bytes_, at_++, 1));
  }
  std::string_view text(std::size_t count, std::vector<LengthField> lengths = {}) {
    if (count > 0) parts_.push_back({at_, at_ + count, PartKind::text, std::move(lengths)});
    at_ += count;
    return bytes_.substr(at_ - count, count);
  }
  /// A length of `width` bytes and then as many bytes.
  std::string_view counted_text(std::size_t width) {
    const LengthField length{at_, width};
    const std::uint64_t count = integer(width);
    return text(static_cast<std::size_t>(count), {length});
  }
  std::string_view line() {
    const std::string_view found = text(bytes_.find('\n', at_) - at_);
    skip(1);
    return found;
  }

 private:
  std::string_view bytes_;
  std::size_t at_;
  std::vector<Part>& parts_;
};

/// JSON that begins at `begin`; its length stands in `lengths`.
std::vector<Part> json_parts(std::string_view bytes, std::size_t begin = 0,
                             const std::vector<LengthField>& lengths = {});
std::vector<Part> safetensors_parts(std::string_view bytes);
std::vector<Part> gguf_parts(std::string_view bytes);
/// Where the directory of a GGUF file ends; its tensors follow at the next multiple of the alignment.
std::size_t gguf_directory_end(std::string_view bytes);
/// A zip archive of torch.save, whose member data.pkl is at the beginning.
std::vector<Part> torch_zip_parts(std::string_view bytes);
/// The stream of PyTorch before 1.6.
std::vector<Part> torch_stream_parts(std::string_view bytes);
/// A model of the sentencepiece library.
std::vector<Part> protobuf_parts(std::string_view bytes);
/// Every token of a template's tags; what stands between them is text.
std::vector<Part> template_parts(std::string_view bytes);

}  // namespace eigenformer_tests::hostile
