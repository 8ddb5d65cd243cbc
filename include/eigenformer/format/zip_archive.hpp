// A zip archive whose members are stored as they are: where each one's bytes lie, without unpacking anything.
// https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "eigenformer/core/config.hpp"
#include "eigenformer/format/byte_source.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::format {

/// One member, as the archive's directory describes it.
struct ZipMember {
  std::string name;
  std::uint64_t header_offset = 0;  ///< of the header before its bytes
  std::uint64_t bytes = 0;          ///< in the archive
  std::uint64_t unpacked_bytes = 0;
  std::uint64_t limit = 0;  ///< where the next member, or the directory, begins
  std::uint32_t checksum = 0;
  std::uint16_t method = 0;  ///< 0: stored
  bool encrypted = false;
};

/// The directory of an archive, with or without the 64-bit records. Opening has checked that the members lie inside the
/// file, overlap nowhere and have names of their own. Reading is allowed from several threads at once.
class ZipArchive {
 public:
  /// FormatError "format.zip_directory", "format.zip_member" or "format.zip_member_twice".
  explicit ZipArchive(std::shared_ptr<const ByteSource> source);
  ZipArchive(const ZipArchive&) = delete;
  ZipArchive& operator=(const ZipArchive&) = delete;

  /// In the order of the directory.
  const std::vector<ZipMember>& members() const { return members_; }
  /// Null where the archive has no member of that name.
  const ZipMember* find(std::string_view name) const;
  /// Where a member's bytes begin in the file. FormatError "format.zip_compressed" for what is not stored as it is,
  /// "format.zip_member" where the header before the bytes is not the directory's.
  std::uint64_t data_offset(const ZipMember& member) const;
  /// All bytes of a small member. FormatError as above, "format.file_too_large" beyond `limit_bytes`, and
  /// "format.zip_checksum" where the directory's checksum, which 0 leaves open, is another.
  std::vector<std::byte> read(const ZipMember& member, std::uint64_t limit_bytes) const;

 private:
  void place();

  std::shared_ptr<const ByteSource> source_;
  std::uint64_t directory_offset_ = 0;
  std::vector<ZipMember> members_;
  std::unordered_map<std::string_view, std::size_t> numbers_;  ///< of members, by name
};

}  // namespace eigenformer::inline EIGENFORMER_ABI::format

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/format/zip_archive-inl.hpp"
#endif
