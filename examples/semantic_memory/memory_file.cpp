#include "memory_file.hpp"

#include <bit>
#include <cmath>
#include <fstream>
#include <span>
#include <string>
#include <system_error>

namespace ef = eigenformer;

namespace {

constexpr std::string_view k_magic = "EFMEMORY";
constexpr std::uint32_t k_version = 1;
constexpr std::uint64_t k_file_limit_bytes = std::uint64_t{4} << 30U;

template <class Number>
void append(std::string& bytes, Number number) {
  for (std::size_t index = 0; index < sizeof number; ++index) bytes += static_cast<char>(number >> (8 * index) & 0xFFU);
}

std::uint64_t checksum_of(std::string_view bytes) {
  Checksum checksum;
  for (const char byte : bytes) checksum.add(static_cast<std::uint8_t>(byte));
  return checksum.value();
}

[[noreturn]] void refuse(const std::filesystem::path& path, std::string expected, std::string found) {
  throw ef::FormatError({.id = "format.memory_file",
                         .expected = std::move(expected),
                         .found = std::move(found),
                         .where = path.string(),
                         .remedy = "take another copy of the file; this one is damaged or no memory"});
}

[[noreturn]] void fail(const std::filesystem::path& path, std::string expected) {
  throw ef::SystemError({.id = "system.memory_file",
                         .expected = std::move(expected),
                         .found = "that it cannot be",
                         .where = path.string(),
                         .remedy = "check the path, the rights and the space on the disk"});
}

/// Takes numbers from the front of the bytes that are left.
class Reader {
 public:
  Reader(const std::filesystem::path& path, std::string_view bytes) : path_(path), left_(bytes) {}

  std::string_view bytes(std::uint64_t count, const char* what) {
    if (count > left_.size()) {
      refuse(path_, std::to_string(count) + " bytes of " + what, std::to_string(left_.size()));
    }
    const std::string_view taken = left_.substr(0, static_cast<std::size_t>(count));
    left_.remove_prefix(taken.size());
    return taken;
  }
  template <class Number>
  Number number(const char* what) {
    Number value = 0;
    unsigned shift = 0;
    for (const char byte : bytes(sizeof value, what)) {
      value |= static_cast<Number>(static_cast<std::uint8_t>(byte)) << shift;
      shift += 8;
    }
    return value;
  }
  std::size_t left() const { return left_.size(); }

 private:
  const std::filesystem::path& path_;
  std::string_view left_;
};

std::string read_all(const std::filesystem::path& path) {
  std::error_code error;
  const std::uint64_t size =
      std::filesystem::is_regular_file(path, error) ? std::filesystem::file_size(path, error) : 0;
  std::ifstream file(path, std::ios::binary);
  if (!file || error || !std::filesystem::is_regular_file(path, error)) fail(path, "a file that can be read");
  if (size > k_file_limit_bytes) refuse(path, "a file of at most 4 GiB", std::to_string(size) + " bytes");
  std::string bytes(static_cast<std::size_t>(size), '\0');
  file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  if (static_cast<std::uint64_t>(file.gcount()) != size) fail(path, "a file that can be read");
  return bytes;
}

std::vector<float> read_vectors(const std::filesystem::path& path, Reader& reader, std::uint64_t count) {
  const std::string_view bytes = reader.bytes(4 * count, "vectors");
  Reader numbers(path, bytes);
  std::vector<float> vectors(static_cast<std::size_t>(count));
  for (float& value : vectors) {
    value = std::bit_cast<float>(numbers.number<std::uint32_t>("a vector"));
    if (!std::isfinite(value)) refuse(path, "vectors of finite numbers", "one that is not");
  }
  return vectors;
}

}  // namespace

void write_memory(const std::filesystem::path& path, const MemoryContents& contents) {
  std::string bytes(k_magic);
  append(bytes, k_version);
  append(bytes, static_cast<std::uint32_t>(contents.dimension));
  append(bytes, static_cast<std::uint64_t>(contents.sentences.size()));
  append(bytes, contents.fingerprint);
  for (const float value : contents.vectors) append(bytes, std::bit_cast<std::uint32_t>(value));
  for (const std::string& sentence : contents.sentences) {
    append(bytes, static_cast<std::uint32_t>(sentence.size()));
    bytes += sentence;
  }
  append(bytes, checksum_of(bytes));
  std::filesystem::path part = path;
  part += ".part";
  std::ofstream file(part, std::ios::binary);
  file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  file.close();
  std::error_code error;
  if (file) std::filesystem::rename(part, path, error);
  if (!file || error) fail(path, "a file that can be written");
}

MemoryContents read_memory(const std::filesystem::path& path) {
  const std::string bytes = read_all(path);
  Reader reader(path, bytes);
  if (reader.bytes(k_magic.size(), "the word at the beginning") != k_magic) {
    refuse(path, "the word EFMEMORY at the beginning", "something else");
  }
  const auto version = reader.number<std::uint32_t>("the version");
  if (version != k_version) refuse(path, "version 1", std::to_string(version));
  MemoryContents contents;
  contents.dimension = reader.number<std::uint32_t>("the dimension");
  const auto count = reader.number<std::uint64_t>("the number of sentences");
  contents.fingerprint = reader.number<std::uint64_t>("the fingerprint");
  // Each sentence needs its vector and its length: no more can be there than the bytes that are left allow.
  if (count > reader.left() / (4 * (std::uint64_t{contents.dimension} + 1))) {
    refuse(path, "as many sentences as the file has bytes for", std::to_string(count));
  }
  contents.vectors = read_vectors(path, reader, count * contents.dimension);
  for (std::uint64_t index = 0; index < count; ++index) {
    const auto length = reader.number<std::uint32_t>("the length of a sentence");
    contents.sentences.emplace_back(reader.bytes(length, "a sentence"));
  }
  const std::uint64_t checksum = checksum_of(std::string_view(bytes).substr(0, bytes.size() - reader.left()));
  if (reader.number<std::uint64_t>("the checksum") != checksum || reader.left() != 0) {
    refuse(path, "the checksum of its bytes at its end", "another one, or more bytes behind it");
  }
  return contents;
}
