#include "c_api/value.hpp"

#include <cstring>
#include <limits>
#include <new>

namespace eigenformer::c_api {

namespace {

[[noreturn]] void refuse_option(std::int64_t value, const std::string& range, const char* name) {
  throw UsageError({.id = "usage.option_range",
                    .expected = range,
                    .found = std::to_string(value),
                    .where = name,
                    .remedy = "use a value in that range"});
}

}  // namespace

void refuse_count(std::uint64_t count, const char* name) {
  throw UsageError({.id = "usage.argument_size",
                    .expected = "a size that fits in memory",
                    .found = std::to_string(count),
                    .where = name,
                    .remedy = "pass how many there are behind the pointer"});
}

std::string_view view(eigenformer_text text, const char* name) {
  const std::span<const char> bytes = list(text.data, text.size, name);
  return {bytes.data(), bytes.size()};
}

std::span<const TokenId> view(eigenformer_tokens tokens, const char* name) {
  return list(tokens.ids, tokens.count, name);
}

std::span<const eigenformer_text> view(eigenformer_texts texts, const char* name) {
  return list(texts.texts, texts.count, name);
}

std::vector<std::string> copy(eigenformer_texts texts, const char* name) {
  std::vector<std::string> copies;
  for (const eigenformer_text text : view(texts, name)) copies.emplace_back(view(text, name));
  return copies;
}

std::vector<TokenId> copy(eigenformer_tokens tokens, const char* name) {
  const std::span<const TokenId> ids = view(tokens, name);
  return {ids.begin(), ids.end()};
}

std::filesystem::path path_of(const char* path, const char* name) {
  if (path == nullptr) refuse_null(name);
  return std::filesystem::path(std::u8string(path, path + std::strlen(path)));
}

eigenformer_text lend(std::string_view text) noexcept { return {text.data(), text.size()}; }

void* memory_to_hand_out(std::uint64_t bytes) {
  if (bytes > std::numeric_limits<std::ptrdiff_t>::max()) throw std::bad_alloc();
  return ::operator new(bytes == 0 ? 1 : static_cast<std::size_t>(bytes));
}

eigenformer_owned_text hand_out(std::string_view text) {
  auto* data = static_cast<char*>(memory_to_hand_out(text.size() + 1));
  std::memcpy(data, text.data(), text.size());
  data[text.size()] = '\0';
  return {data, text.size()};
}

eigenformer_owned_tokens hand_out(std::span<const TokenId> tokens) {
  auto* ids = static_cast<std::int32_t*>(memory_to_hand_out(tokens.size_bytes()));
  if (!tokens.empty()) std::memcpy(ids, tokens.data(), tokens.size_bytes());
  return {ids, tokens.size()};
}

void require_choice(const Choice& choice) {
  if (choice.value >= 0 && choice.value < choice.count) return;
  refuse_option(choice.value, "0 to " + std::to_string(choice.count - 1), choice.name);
}

bool flag_of(std::int32_t value, const char* name) {
  require_choice({value, 2, name});
  return value != 0;
}

std::size_t index_of(std::uint64_t index, std::size_t count) {
  if (index < count) return static_cast<std::size_t>(index);
  throw UsageError({.id = "usage.index",
                    .expected = "a number below " + std::to_string(count),
                    .found = std::to_string(index),
                    .where = "index",
                    .remedy = "ask how many there are first"});
}

std::size_t length_of(std::uint64_t length, const char* name) {
  if (length == EIGENFORMER_MODEL_LIMIT) return 0;
  if (length == 0) refuse_option(0, "1 or more, or EIGENFORMER_MODEL_LIMIT", name);
  return static_cast<std::size_t>(length);
}

}  // namespace eigenformer::c_api

eigenformer_text eigenformer_text_of(const char* string) {
  return {string, string == nullptr ? 0 : std::uint64_t{std::strlen(string)}};
}

void eigenformer_free(void* memory) { ::operator delete(memory); }
