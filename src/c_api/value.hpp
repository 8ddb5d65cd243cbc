// Values of C as values of C++ and back: text, lists, flags, memory that is handed out.
#pragma once

#include <cstdint>
#include <filesystem>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "c_api/handle.hpp"
#include "eigenformer/c_api.h"
#include "eigenformer/tokenizer.hpp"

namespace eigenformer::c_api {

/// Throws UsageError "usage.argument_size".
[[noreturn]] void refuse_count(std::uint64_t count, const char* name);

/// What an argument called `name` points to. UsageError "usage.null_argument" where there is a count without data,
/// "usage.argument_size" for one that no memory can hold: computed wrongly, or negative.
template <class Value>
std::span<const Value> list(const Value* data, std::uint64_t count, const char* name) {
  if (count == 0) return {};
  if (data == nullptr) refuse_null(name);
  if (count > std::numeric_limits<std::ptrdiff_t>::max() / sizeof(Value)) refuse_count(count, name);
  return {data, static_cast<std::size_t>(count)};
}

/// The same of the structures of the C API.
std::string_view view(eigenformer_text text, const char* name);
std::span<const TokenId> view(eigenformer_tokens tokens, const char* name);
std::span<const eigenformer_text> view(eigenformer_texts texts, const char* name);
std::vector<std::string> copy(eigenformer_texts texts, const char* name);
std::vector<TokenId> copy(eigenformer_tokens tokens, const char* name);

/// A NUL-terminated path. UsageError "usage.null_argument".
std::filesystem::path path_of(const char* path, const char* name);

/// What the library owns, for as long as it does.
eigenformer_text lend(std::string_view text) noexcept;

/// What the caller frees by eigenformer_free.
eigenformer_owned_text hand_out(std::string_view text);
eigenformer_owned_tokens hand_out(std::span<const TokenId> tokens);
/// Throws std::bad_alloc. Never null.
void* memory_to_hand_out(std::uint64_t bytes);

/// A member of options that is one of `count` constants, which are 0, 1, ...
struct Choice {
  std::int32_t value;
  std::int32_t count;
  const char* name;
};
/// UsageError "usage.option_range" where it is none of them.
void require_choice(const Choice& choice);
template <class Enum>
Enum constant_of(const Choice& choice) {
  require_choice(choice);
  return static_cast<Enum>(choice.value);
}
/// A member that is 0 or 1.
bool flag_of(std::int32_t value, const char* name);

/// UsageError "usage.index" where there are not so many.
std::size_t index_of(std::uint64_t index, std::size_t count);

/// A length that is EIGENFORMER_MODEL_LIMIT or 1 or more; in the C++ API the former is 0.
std::size_t length_of(std::uint64_t length, const char* name);

}  // namespace eigenformer::c_api
