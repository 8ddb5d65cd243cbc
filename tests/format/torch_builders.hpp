// Pickles, zip archives and files of torch.save, made byte by byte, right or wrong.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "eigenformer/format/crc32.hpp"
#include "tests/format/builders.hpp"

namespace eigenformer_tests {

/// Opcodes one after another, under the names of Python's pickletools.
class PickleBuilder {
 public:
  explicit PickleBuilder(std::uint8_t protocol = 2) { op(0x80).byte(protocol); }

  PickleBuilder& op(std::uint8_t opcode) { return byte(opcode); }
  /// Opcodes without arguments: "}(u." and the like.
  PickleBuilder& ops(std::string_view opcodes) {
    text_ += opcodes;
    return *this;
  }
  PickleBuilder& byte(std::uint8_t value) {
    text_ += static_cast<char>(value);
    return *this;
  }
  template <class T>
  PickleBuilder& number(T value) {
    char bytes[sizeof(T)];
    std::memcpy(bytes, &value, sizeof(T));
    text_.append(bytes, sizeof(T));
    return *this;
  }
  PickleBuilder& text(std::string_view text) {  // BINUNICODE
    ops("X").number(static_cast<std::uint32_t>(text.size())).ops(text);
    return *this;
  }
  PickleBuilder& integer(std::int64_t value) {  // LONG1
    return op(0x8A).byte(8).number(value);
  }
  PickleBuilder& global(std::string_view module, std::string_view name) {
    return ops("c").ops(module).ops("\n").ops(name).ops("\n");
  }
  PickleBuilder& integers(const std::vector<std::int64_t>& values) {
    ops("(");
    for (const std::int64_t value : values) integer(value);
    return ops("t");
  }
  PickleBuilder& put(std::uint8_t number) { return ops("q").byte(number); }
  PickleBuilder& get(std::uint8_t number) { return ops("h").byte(number); }

  /// A storage, as the archive form names it, or (`stream`) the stream form.
  struct Storage {
    std::string key = "0";
    std::string type = "FloatStorage";
    std::int64_t elements = 6;
    bool stream = false;
  };
  PickleBuilder& storage(const Storage& storage) {
    ops("(").text("storage").global("torch", storage.type).text(storage.key).text("cpu").integer(storage.elements);
    return ops(storage.stream ? "NtQ" : "tQ");
  }
  struct View {
    std::int64_t offset = 0;
    std::vector<std::int64_t> size = {2, 3};
    std::vector<std::int64_t> stride = {3, 1};
  };
  /// _rebuild_tensor_v2 with these arguments.
  PickleBuilder& tensor(const Storage& of, const View& view) {
    global("torch._utils", "_rebuild_tensor_v2").ops("(");
    storage(of).integer(view.offset).integers(view.size).integers(view.stride).op(0x89);
    return global("collections", "OrderedDict").ops(")RtR");
  }

  Bytes bytes() const {
    const auto* const first = reinterpret_cast<const std::byte*>(text_.data());
    return {first, first + text_.size()};
  }

 private:
  std::string text_;
};

/// Stored members, and a directory that may say something else.
class ZipBuilder {
 public:
  struct Member {
    std::string name;
    Bytes bytes;
    std::uint16_t method = 0;
    std::uint16_t flags = 0;
    std::uint32_t unpacked_bytes = 0;  ///< 0: as many as there are
    std::uint32_t packed_bytes = 0;    ///< 0: as many as there are
    std::uint32_t header_offset = 0;   ///< 0: where the header is
    std::string local_name = {};       ///< empty: the name
    bool break_checksum = false;
  };
  std::uint16_t count_more = 0;             ///< members that the end record counts too many
  std::uint32_t directory_offset_more = 0;  ///< bytes that the end record is wrong
  std::uint32_t directory_bytes_more = 0;
  bool is_64 = false;                   ///< the end record leaves everything to the 64-bit one
  std::uint64_t end64_offset_more = 0;  ///< bytes that the locator is wrong
  bool checksums = true;                ///< else 0 in their place, as torch.save writes if asked
  std::string comment;

  ZipBuilder& member(Member member) {
    members_.push_back(std::move(member));
    return *this;
  }
  ZipBuilder& member(std::string name, std::string_view text) {
    Member added{.name = std::move(name), .bytes = {}};
    append_text(added.bytes, text);
    return member(std::move(added));
  }

  Bytes build() const {
    Bytes bytes, directory;
    for (const Member& member : members_) {
      const auto offset = static_cast<std::uint32_t>(bytes.size());
      add_local(bytes, member);
      add_central(directory, member, member.header_offset == 0 ? offset : member.header_offset);
    }
    const std::size_t offset = bytes.size();
    bytes.insert(bytes.end(), directory.begin(), directory.end());
    if (is_64) add_end_64(bytes, {.offset = offset, .bytes = directory.size()});
    append_text(bytes, "PK\x05\x06");
    append(bytes, std::uint32_t{0});
    const auto count = static_cast<std::uint16_t>(is_64 ? 0xFFFF : members_.size() + count_more);
    for (int i = 0; i < 2; ++i) append(bytes, count);
    const auto directory_bytes = static_cast<std::uint32_t>(directory.size()) + directory_bytes_more;
    append(bytes, is_64 ? ~std::uint32_t{0} : directory_bytes);
    append(bytes, is_64 ? ~std::uint32_t{0} : static_cast<std::uint32_t>(offset) + directory_offset_more);
    append(bytes, static_cast<std::uint16_t>(comment.size()));
    append_text(bytes, comment);
    return bytes;
  }

 private:
  struct Place {
    std::uint64_t offset, bytes;
  };

  void add_sizes(Bytes& bytes, const Member& member) const {
    const auto size = static_cast<std::uint32_t>(member.bytes.size());
    const std::uint32_t checksum = eigenformer::format::crc32(member.bytes) + (member.break_checksum ? 1U : 0U);
    append(bytes, checksums ? checksum : 0U);
    append(bytes, member.packed_bytes == 0 ? size : member.packed_bytes);
    append(bytes, member.unpacked_bytes == 0 ? size : member.unpacked_bytes);
  }
  void add_local(Bytes& bytes, const Member& member) const {
    const std::string& name = member.local_name.empty() ? member.name : member.local_name;
    append_text(bytes, "PK\x03\x04");
    append(bytes, std::uint16_t{0});
    append(bytes, member.flags);
    append(bytes, member.method);
    append(bytes, std::uint32_t{0});
    add_sizes(bytes, member);
    append(bytes, static_cast<std::uint16_t>(name.size()));
    append(bytes, std::uint16_t{5});
    append_text(bytes, name);
    append_text(bytes, {"FB\x01\x00Z", 5});  // a field of padding, as torch.save writes it
    bytes.insert(bytes.end(), member.bytes.begin(), member.bytes.end());
  }
  void add_central(Bytes& bytes, const Member& member, std::uint32_t offset) const {
    append_text(bytes, "PK\x01\x02");
    append(bytes, std::uint32_t{0});
    append(bytes, member.flags);
    append(bytes, member.method);
    append(bytes, std::uint32_t{0});
    add_sizes(bytes, member);
    append(bytes, static_cast<std::uint16_t>(member.name.size()));
    for (int i = 0; i < 4; ++i) append(bytes, std::uint16_t{0});
    append(bytes, std::uint32_t{0});
    append(bytes, offset);
    append_text(bytes, member.name);
  }
  void add_end_64(Bytes& bytes, const Place& directory) const {
    const std::uint64_t end = bytes.size();
    append_text(bytes, "PK\x06\x06");
    append(bytes, std::uint64_t{44});
    append(bytes, std::uint32_t{0});
    append(bytes, std::uint64_t{0});
    for (int i = 0; i < 2; ++i) append(bytes, static_cast<std::uint64_t>(members_.size()) + count_more);
    append(bytes, directory.bytes + directory_bytes_more);
    append(bytes, directory.offset + directory_offset_more);
    append_text(bytes, "PK\x06\x07");
    append(bytes, std::uint32_t{0});
    append(bytes, end + end64_offset_more);
    append(bytes, std::uint32_t{1});
  }

  std::vector<Member> members_;
};

/// An archive around a pickle, with six floats 0, 1, ... under the key "0".
inline ZipBuilder torch_zip_of(const Bytes& pickle) {
  Bytes floats;
  for (int i = 0; i < 6; ++i) append(floats, static_cast<float>(i));
  ZipBuilder zip;
  zip.member({.name = "m/data.pkl", .bytes = pickle});
  zip.member("m/byteorder", "little").member({.name = "m/data/0", .bytes = floats});
  return zip;
}

/// A stream around a pickle, with six floats under the key "0".
inline Bytes torch_stream_of(const Bytes& pickle) {
  PickleBuilder magic, version, facts, keys;
  magic.op(0x8A).byte(10).ops("\x6C\xFC\x9C\x46\xF9\x20\x6A\xA8\x50\x19").ops(".");
  version.ops("M").number(std::uint16_t{1001}).ops(".");
  facts.ops("}").put(0).ops("(").text("little_endian").op(0x88).ops("u.");
  keys.ops("](").text("0").ops("e.");
  Bytes bytes;
  for (const Bytes& part : {magic.bytes(), version.bytes(), facts.bytes(), pickle, keys.bytes()}) {
    bytes.insert(bytes.end(), part.begin(), part.end());
  }
  append(bytes, std::uint64_t{6});
  for (int i = 0; i < 6; ++i) append(bytes, static_cast<float>(i));
  return bytes;
}

/// {"a": whole, "b": its transposed view, "n": 3, "m": {}}, with _metadata.
inline Bytes valid_torch_pickle(bool stream) {
  const PickleBuilder::Storage storage{.stream = stream};
  PickleBuilder pickle;
  pickle.global("collections", "OrderedDict").ops(")R").put(0).ops("(");
  pickle.text("a").put(1).tensor(storage, {});
  pickle.text("b").tensor(storage, {.offset = 1, .size = {2, 2}, .stride = {1, 3}});
  pickle.text("n").integer(3).text("m").ops("}");
  pickle.ops("u}").text("_metadata").get(1).ops("sb.");
  return pickle.bytes();
}
struct TorchZipOptions {
  bool checksums = true;
};
inline Bytes valid_torch_zip(const TorchZipOptions& options = {}) {
  ZipBuilder zip = torch_zip_of(valid_torch_pickle(false));
  zip.checksums = options.checksums;
  return zip.build();
}
inline Bytes valid_torch_stream() { return torch_stream_of(valid_torch_pickle(true)); }

}  // namespace eigenformer_tests
