#pragma once

#include <algorithm>
#include <cstring>
#include <numeric>
#include <span>
#include <utility>

#include "eigenformer/error.hpp"
#include "eigenformer/format/byte_reader.hpp"
#include "eigenformer/format/crc32.hpp"
#include "eigenformer/format/zip_archive.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::format {

namespace zip_archive_detail {

// Each record begins with a signature. What it takes without names, comments and extra fields:
inline constexpr std::uint32_t k_local = 0x04034B50, k_central = 0x02014B50, k_end = 0x06054B50;
inline constexpr std::uint32_t k_end64 = 0x06064B50, k_locator64 = 0x07064B50;
inline constexpr std::uint64_t k_local_bytes = 30, k_central_bytes = 46, k_end_bytes = 22;
inline constexpr std::uint64_t k_end64_bytes = 56, k_locator64_bytes = 20;
inline constexpr std::uint64_t k_longest_comment = 0xFFFF;
/// Stands in a field of 16 or 32 bits whose value is in the 64-bit record instead.
inline constexpr std::uint64_t k_elsewhere16 = 0xFFFF, k_elsewhere32 = 0xFFFFFFFF;

/// The little-endian number at a place of a record.
template <class T>
T number_at(std::span<const std::byte> bytes, std::size_t place) {
  T value;
  std::memcpy(&value, bytes.data() + place, sizeof(T));
  return value;
}

[[noreturn]] inline void bad_directory(const ByteSource& source, const std::string& found) {
  throw FormatError({.id = "format.zip_directory",
                     .expected = "a zip archive with the directory of its members at the end",
                     .found = found,
                     .where = source.name(),
                     .remedy = "download the file again: it is cut short or damaged"});
}

[[noreturn]] inline void bad_member(const ByteSource& source, const ZipMember& member, const std::string& found) {
  throw FormatError({.id = "format.zip_member",
                     .expected = "a member with a header of its own, between its neighbours in the archive",
                     .found = found,
                     .where = source.name() + ", member " + printable(member.name),
                     .remedy = "download the file again: it is damaged or was made to do harm"});
}

/// Where the directory lies, and how many members it lists.
struct Directory {
  std::uint64_t offset = 0, bytes = 0, count = 0;
};

/// The 64-bit numbers, where a locator stands right before the end record.
inline void read_end64(const ByteSource& source, std::uint64_t end_offset, Directory& directory,
                       std::uint64_t& directory_limit) {
  if (end_offset < k_locator64_bytes + k_end64_bytes) return;
  std::byte locator[k_locator64_bytes], record[k_end64_bytes];
  source.read(end_offset - k_locator64_bytes, locator);
  if (number_at<std::uint32_t>(locator, 0) != k_locator64) return;
  const auto offset = number_at<std::uint64_t>(locator, 8);
  if (offset > end_offset - k_locator64_bytes - k_end64_bytes) bad_directory(source, "a 64-bit end outside the file");
  source.read(offset, record);
  if (number_at<std::uint32_t>(record, 0) != k_end64) bad_directory(source, "no 64-bit end where one is announced");
  directory = {.offset = number_at<std::uint64_t>(record, 48),
               .bytes = number_at<std::uint64_t>(record, 40),
               .count = number_at<std::uint64_t>(record, 32)};
  directory_limit = offset;
}

inline Directory find_directory(const ByteSource& source) {
  const std::uint64_t tail_bytes = std::min(source.size(), k_end_bytes + k_longest_comment);
  if (tail_bytes < k_end_bytes) bad_directory(source, "a file of " + std::to_string(source.size()) + " bytes");
  std::vector<std::byte> tail(static_cast<std::size_t>(tail_bytes));
  source.read(source.size() - tail_bytes, tail);
  // The comment that follows the end record may be of any length up to the end of the file.
  std::size_t at = tail.size() - k_end_bytes;
  const auto is_end = [&] {
    return number_at<std::uint32_t>(tail, at) == k_end &&
           at + k_end_bytes + number_at<std::uint16_t>(tail, at + 20) == tail.size();
  };
  while (!is_end()) {
    if (at-- == 0) bad_directory(source, "no end record");
  }
  const std::uint64_t end_offset = source.size() - tail_bytes + at;
  Directory directory{.offset = number_at<std::uint32_t>(tail, at + 16),
                      .bytes = number_at<std::uint32_t>(tail, at + 12),
                      .count = number_at<std::uint16_t>(tail, at + 10)};
  std::uint64_t limit = end_offset;
  const bool elsewhere =
      directory.offset == k_elsewhere32 || directory.bytes == k_elsewhere32 || directory.count == k_elsewhere16;
  if (elsewhere) read_end64(source, end_offset, directory, limit);
  if (directory.offset > limit || directory.bytes > limit - directory.offset) {
    bad_directory(source, std::to_string(directory.bytes) + " bytes of directory from byte " +
                              std::to_string(directory.offset) + " on");
  }
  return directory;
}

/// The sizes and the offset that are in the extra field of the 64-bit numbers, in this order, where the plain fields
/// say so.
inline void read_extra(std::span<const std::byte> extra, ZipMember& member) {
  constexpr std::uint16_t numbers64 = 1;
  while (extra.size() >= 4) {
    const auto id = number_at<std::uint16_t>(extra, 0);
    const std::size_t bytes = std::min<std::size_t>(number_at<std::uint16_t>(extra, 2), extra.size() - 4);
    std::span<const std::byte> field = extra.subspan(4, bytes);
    extra = extra.subspan(4 + bytes);
    if (id != numbers64) continue;
    for (std::uint64_t* const number : {&member.unpacked_bytes, &member.bytes, &member.header_offset}) {
      if (*number != k_elsewhere32 || field.size() < 8) continue;
      *number = number_at<std::uint64_t>(field, 0);
      field = field.subspan(8);
    }
  }
}

/// One entry of the directory.
inline ZipMember read_entry(ByteReader& reader, const ByteSource& source) {
  const auto record = reader.take(k_central_bytes);
  if (number_at<std::uint32_t>(record, 0) != k_central) bad_directory(source, "an entry that does not begin as one");
  ZipMember member;
  member.encrypted = (number_at<std::uint16_t>(record, 8) & 1U) != 0;
  member.method = number_at<std::uint16_t>(record, 10);
  member.checksum = number_at<std::uint32_t>(record, 16);
  member.bytes = number_at<std::uint32_t>(record, 20);
  member.unpacked_bytes = number_at<std::uint32_t>(record, 24);
  member.header_offset = number_at<std::uint32_t>(record, 42);
  const auto name_bytes = number_at<std::uint16_t>(record, 28), extra_bytes = number_at<std::uint16_t>(record, 30);
  const auto comment_bytes = number_at<std::uint16_t>(record, 32);
  const auto name = reader.take(name_bytes);
  member.name.assign(reinterpret_cast<const char*>(name.data()), name.size());
  read_extra(reader.take(extra_bytes), member);
  reader.skip(comment_bytes);
  return member;
}

}  // namespace zip_archive_detail

EIGENFORMER_INLINE ZipArchive::ZipArchive(std::shared_ptr<const ByteSource> source) : source_(std::move(source)) {
  const zip_archive_detail::Directory directory = zip_archive_detail::find_directory(*source_);
  directory_offset_ = directory.offset;
  ByteReader reader(*source_);
  reader.skip(directory.offset);
  const std::uint64_t end = directory.offset + directory.bytes;
  while (reader.position() < end) members_.push_back(zip_archive_detail::read_entry(reader, *source_));
  if (reader.position() != end || members_.size() != directory.count) {
    zip_archive_detail::bad_directory(*source_, std::to_string(members_.size()) + " members of " +
                                                    std::to_string(directory.count) + " in the directory's " +
                                                    std::to_string(directory.bytes) + " bytes");
  }
  for (std::size_t number = 0; number < members_.size(); ++number) {
    if (numbers_.emplace(members_[number].name, number).second) continue;
    throw FormatError({.id = "format.zip_member_twice",
                       .expected = "each member once",
                       .found = "two of the name " + in_quotes(members_[number].name),
                       .where = source_->name(),
                       .remedy = "download the file again: it is damaged or was made to do harm"});
  }
  place();
}

// No member reaches into the next one or into the directory, so that no byte is counted twice.
EIGENFORMER_INLINE void ZipArchive::place() {
  std::vector<ZipMember*> by_place;
  by_place.reserve(members_.size());
  for (ZipMember& member : members_) by_place.push_back(&member);
  std::sort(by_place.begin(), by_place.end(),
            [](const ZipMember* a, const ZipMember* b) { return a->header_offset < b->header_offset; });
  for (std::size_t i = 0; i < by_place.size(); ++i) {
    ZipMember& member = *by_place[i];
    member.limit = i + 1 < by_place.size() ? by_place[i + 1]->header_offset : directory_offset_;
    const std::uint64_t needed = zip_archive_detail::k_local_bytes + member.name.size();
    if (member.header_offset <= member.limit && needed <= member.limit - member.header_offset &&
        member.bytes <= member.limit - member.header_offset - needed) {
      continue;
    }
    zip_archive_detail::bad_member(*source_, member,
                                   std::to_string(member.bytes) + " bytes behind a header at byte " +
                                       std::to_string(member.header_offset) + ", which end after byte " +
                                       std::to_string(member.limit));
  }
}

EIGENFORMER_INLINE const ZipMember* ZipArchive::find(std::string_view name) const {
  const auto found = numbers_.find(name);
  return found == numbers_.end() ? nullptr : &members_[found->second];
}

EIGENFORMER_INLINE std::uint64_t ZipArchive::data_offset(const ZipMember& member) const {
  using namespace zip_archive_detail;
  if (member.method != 0 || member.encrypted || member.bytes != member.unpacked_bytes) {
    throw FormatError(
        {.id = "format.zip_compressed",
         .expected = "members that are stored as they are, as torch.save writes them",
         .found = member.encrypted ? "an encrypted one" : "a compressed one",
         .where = source_->name() + ", member " + printable(member.name),
         .remedy = "load the file in PyTorch and save it again with torch.save, or repack it with zip -0"});
  }
  std::vector<std::byte> header(static_cast<std::size_t>(k_local_bytes) + member.name.size());
  source_->read(member.header_offset, header);
  const bool same = number_at<std::uint32_t>(header, 0) == k_local && number_at<std::uint16_t>(header, 8) == 0 &&
                    number_at<std::uint16_t>(header, 26) == member.name.size() &&
                    std::memcmp(header.data() + k_local_bytes, member.name.data(), member.name.size()) == 0;
  if (!same) bad_member(*source_, member, "another header at byte " + std::to_string(member.header_offset));
  const std::uint64_t begin = member.header_offset + header.size() + number_at<std::uint16_t>(header, 28);
  if (begin > member.limit || member.bytes > member.limit - begin) {
    bad_member(*source_, member,
               std::to_string(member.bytes) + " bytes from byte " + std::to_string(begin) +
                   " on, which end after byte " + std::to_string(member.limit));
  }
  return begin;
}

EIGENFORMER_INLINE std::vector<std::byte> ZipArchive::read(const ZipMember& member, std::uint64_t limit_bytes) const {
  const std::string where = source_->name() + ", member " + printable(member.name);
  const std::uint64_t begin = data_offset(member);
  if (member.bytes > limit_bytes) {
    throw FormatError({.id = "format.file_too_large",
                       .expected = "a member of at most " + std::to_string(limit_bytes) + " bytes",
                       .found = std::to_string(member.bytes) + " bytes",
                       .where = where,
                       .remedy = "check that this is the file you meant"});
  }
  std::vector<std::byte> bytes(static_cast<std::size_t>(member.bytes));
  source_->read(begin, bytes);
  if (member.checksum != 0 && crc32(bytes) != member.checksum) {
    throw FormatError({.id = "format.zip_checksum",
                       .expected = "the checksum " + std::to_string(member.checksum),
                       .found = std::to_string(crc32(bytes)),
                       .where = where,
                       .remedy = "download the file again: it is damaged"});
  }
  return bytes;
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::format
