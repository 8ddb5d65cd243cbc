// What libFuzzer's programs share: they do what a user does, and expect a result or one error of the library.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "eigenformer/error.hpp"

namespace eigenformer_tests::fuzz {

/// Calls `use` with the bytes. Whatever else than an error of the library comes through ends the program, and so is a
/// finding; errors that say that memory is short, or that something unforeseen was thrown, are findings, too.
template <class Use>
int run(const std::uint8_t* data, std::size_t size, Use&& use) {
  try {
    use(std::string_view(reinterpret_cast<const char*>(data), size));
  } catch (const eigenformer::Error& error) {
    const bool is_expected = !error.id().empty() && error.id() != "system.memory" && error.id() != "system.unexpected";
    if (!is_expected) throw;
  }
  return 0;
}

}  // namespace eigenformer_tests::fuzz
