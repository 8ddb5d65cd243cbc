#include "tests/hostile/parts.hpp"

#include <algorithm>
#include <cctype>
#include <utility>

namespace eigenformer_tests::hostile {

namespace {

// ---- JSON

/// A recursive walk: seeds are not deep.
class JsonWalk {
 public:
  JsonWalk(std::string_view bytes, std::size_t begin, const std::vector<LengthField>& lengths, std::vector<Part>& parts)
      : bytes_(bytes), at_(begin), lengths_(lengths), parts_(parts) {}

  void value() {
    spaces();
    const std::size_t begin = at_;
    if (bytes_[at_] == '{' || bytes_[at_] == '[') {
      members(bytes_[at_] == '{');
    } else if (bytes_[at_] == '"') {
      text();
    } else {
      while (at_ < bytes_.size() && std::string_view(",]} \n").find(bytes_[at_]) == std::string_view::npos) ++at_;
      const char first = bytes_[begin];
      if (first == '-' || (first >= '0' && first <= '9')) add(begin, PartKind::json_number);
    }
    add(begin, PartKind::json_value);
  }

 private:
  void spaces() {
    while (at_ < bytes_.size() && std::string_view(" \n\t\r").find(bytes_[at_]) != std::string_view::npos) ++at_;
  }
  void add(std::size_t begin, PartKind kind) { parts_.push_back({begin, at_, kind, lengths_}); }
  void text() {
    const std::size_t begin = ++at_;
    for (; bytes_[at_] != '"'; ++at_) {
      if (bytes_[at_] == '\\') ++at_;
    }
    add(begin, PartKind::json_text);
    ++at_;
  }
  void members(bool is_object) {
    ++at_;
    for (spaces(); bytes_[at_] != '}' && bytes_[at_] != ']'; spaces()) {
      if (bytes_[at_] == ',') ++at_;
      spaces();
      const std::size_t begin = at_;
      if (is_object) {
        text();
        spaces();
        ++at_;  // the colon
      }
      value();
      add(begin, PartKind::json_member);
    }
    ++at_;
  }

  std::string_view bytes_;
  std::size_t at_;
  const std::vector<LengthField>& lengths_;
  std::vector<Part>& parts_;
};

// ---- GGUF

constexpr std::size_t k_gguf_width[] = {1, 1, 2, 2, 4, 4, 4, 1, 0, 0, 8, 8, 8};  // by type; 8: text, 9: array

void gguf_value(PartReader& reader, std::uint64_t type) {
  if (type == 8) {
    reader.counted_text(8);
  } else if (type == 9) {
    const std::uint64_t element = reader.integer(4);
    for (std::uint64_t count = reader.integer(8); count > 0; --count) gguf_value(reader, element);
  } else {
    reader.integer(k_gguf_width[type]);
  }
}

std::size_t walk_gguf(std::string_view bytes, std::vector<Part>& parts) {
  PartReader reader(bytes, 0, parts);
  for (int i = 0; i < 4; ++i) reader.code();
  reader.integer(4);
  const std::uint64_t tensors = reader.integer(8), pairs = reader.integer(8);
  for (std::uint64_t i = 0; i < pairs; ++i) {
    reader.counted_text(8);
    gguf_value(reader, reader.integer(4));
  }
  for (std::uint64_t i = 0; i < tensors; ++i) {
    reader.counted_text(8);
    for (std::uint64_t dimensions = reader.integer(4); dimensions > 0; --dimensions) reader.integer(8);
    reader.integer(4);
    reader.integer(8);
  }
  return reader.at();
}

// ---- pickles

/// One pickle, from its first opcode to behind its last.
void walk_pickle(PartReader& reader) {
  for (;;) {
    const std::uint8_t opcode = reader.code();
    switch (opcode) {
      case '.': return;
      case 0x80:
      case 'K':
      case 'h':
      case 'q': reader.integer(1); break;
      case 'M': reader.integer(2); break;
      case 'J':
      case 'j':
      case 'r': reader.integer(4); break;
      case 0x95: reader.integer(8); break;
      case 0x8A: {
        const auto width = static_cast<std::size_t>(reader.integer(1));
        if (width == 8) {
          reader.integer(8);
        } else {
          reader.text(width);
        }
        break;
      }
      case 'X': reader.counted_text(4); break;
      case 0x8C: reader.counted_text(1); break;
      case 'c':
        reader.line();
        reader.line();
        break;
      default: break;
    }
  }
}

// ---- zip archives: https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT

constexpr std::uint64_t k_local = 0x04034B50, k_central = 0x02014B50, k_end_64 = 0x06064B50, k_locator = 0x07064B50;

void walk_local(PartReader& reader) {
  for (const std::size_t width : {2U, 2U, 2U, 2U, 2U, 4U}) reader.integer(width);
  reader.integer(4);
  const auto size = static_cast<std::size_t>(reader.integer(4));
  const auto name = static_cast<std::size_t>(reader.integer(2)), extra = static_cast<std::size_t>(reader.integer(2));
  const bool is_pickle = reader.text(name).ends_with("data.pkl");
  reader.text(extra);
  if (is_pickle) {
    walk_pickle(reader);
  } else {
    reader.skip(size);
  }
}

void walk_central(PartReader& reader) {
  for (const std::size_t width : {2U, 2U, 2U, 2U, 2U, 2U, 4U, 4U, 4U}) reader.integer(width);
  const auto name = static_cast<std::size_t>(reader.integer(2));
  for (const std::size_t width : {2U, 2U, 2U, 2U, 4U, 4U}) reader.integer(width);
  reader.text(name);
}

// ---- protobuf

std::uint64_t walk_varint(PartReader& reader, std::string_view bytes, std::vector<Part>& parts) {
  const std::size_t begin = reader.at();
  std::uint64_t value = 0;
  for (unsigned shift = 0;; shift += 7) {
    const std::uint64_t byte = little_endian(bytes, reader.at(), 1);
    reader.skip(1);
    value |= (byte & 0x7FU) << shift;
    if (byte < 0x80) break;
  }
  parts.push_back({begin, reader.at(), PartKind::varint});
  return value;
}

/// Fields of a message; those whose numbers are in `messages` are messages themselves.
struct Message {
  std::size_t end;
  std::vector<LengthField> lengths;  // those of one byte, which can be corrected
  std::string_view messages;
};
void walk_message(PartReader& reader, std::string_view bytes, const Message& message, std::vector<Part>& parts) {
  while (reader.is_before(message.end)) {
    const std::uint8_t tag = reader.code();
    if ((tag & 7U) == 0) walk_varint(reader, bytes, parts);
    if ((tag & 7U) == 1) reader.integer(8);
    if ((tag & 7U) == 5) reader.integer(4);
    if ((tag & 7U) != 2) continue;
    const std::size_t begin = reader.at();
    const auto size = static_cast<std::size_t>(walk_varint(reader, bytes, parts));
    std::vector<LengthField> lengths = message.lengths;
    if (reader.at() == begin + 1) lengths.push_back({begin, 1});
    if (message.messages.find(static_cast<char>('0' + (tag >> 3U))) == std::string_view::npos) {
      reader.text(size, lengths);
    } else {
      walk_message(reader, bytes, {reader.at() + size, lengths, {}}, parts);
    }
  }
}

}  // namespace

std::vector<Part> json_parts(std::string_view bytes, std::size_t begin, const std::vector<LengthField>& lengths) {
  std::vector<Part> parts;
  JsonWalk(bytes, begin, lengths, parts).value();
  return parts;
}

std::vector<Part> safetensors_parts(std::string_view bytes) {
  std::vector<Part> parts = json_parts(bytes, 8, {{0, 8}});
  parts.push_back({0, 8, PartKind::integer});
  return parts;
}

std::vector<Part> gguf_parts(std::string_view bytes) {
  std::vector<Part> parts;
  walk_gguf(bytes, parts);
  return parts;
}

std::size_t gguf_directory_end(std::string_view bytes) {
  std::vector<Part> parts;
  return walk_gguf(bytes, parts);
}

std::vector<Part> torch_zip_parts(std::string_view bytes) {
  std::vector<Part> parts;
  PartReader reader(bytes, 0, parts);
  while (reader.at() < bytes.size()) {
    const std::uint64_t kind = reader.integer(4);
    if (kind == k_local) {
      walk_local(reader);
    } else if (kind == k_central) {
      walk_central(reader);
    } else if (kind == k_end_64) {
      for (const std::size_t width : {8U, 2U, 2U, 4U, 4U, 8U, 8U, 8U, 8U}) reader.integer(width);
    } else if (kind == k_locator) {
      for (const std::size_t width : {4U, 8U, 4U}) reader.integer(width);
    } else {
      for (const std::size_t width : {2U, 2U, 2U, 2U, 4U, 4U, 2U}) reader.integer(width);
    }
  }
  return parts;
}

std::vector<Part> torch_stream_parts(std::string_view bytes) {
  std::vector<Part> parts;
  PartReader reader(bytes, 0, parts);
  for (int pickle = 0; pickle < 5; ++pickle) walk_pickle(reader);
  reader.integer(8);  // how many elements the one storage has
  return parts;
}

std::vector<Part> protobuf_parts(std::string_view bytes) {
  std::vector<Part> parts;
  PartReader reader(bytes, 0, parts);
  walk_message(reader, bytes, {bytes.size(), {}, "123"}, parts);
  return parts;
}

std::vector<Part> template_parts(std::string_view bytes) {
  const auto is_word = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; };
  std::vector<Part> parts;
  bool is_in_tag = false;
  for (std::size_t begin = 0; begin < bytes.size();) {
    const std::string_view pair = bytes.substr(begin, 2);
    const bool opens = pair == "{%" || pair == "{{" || pair == "{#",
               closes = pair == "%}" || pair == "}}" || pair == "#}";
    std::size_t end = begin + (opens || closes ? 2 : 1);
    while (is_word(bytes[begin]) && end < bytes.size() && is_word(bytes[end])) ++end;
    is_in_tag = is_in_tag || opens;
    if (is_in_tag) parts.push_back({begin, end, PartKind::token});
    is_in_tag = is_in_tag && !closes;
    begin = end;
  }
  return parts;
}

}  // namespace eigenformer_tests::hostile
