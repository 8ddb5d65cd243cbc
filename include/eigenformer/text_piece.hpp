// Text that comes in pieces while it is written. A light header.
#pragma once

#include <cstddef>
#include <functional>
#include <string_view>

#include "eigenformer/core/config.hpp"

namespace eigenformer::inline EIGENFORMER_ABI {

/// A new piece of a request's text: whole UTF-8 characters, never empty.
struct TextPiece {
  std::size_t sequence;   ///< which of the request's sequences
  std::string_view text;  ///< valid during the call
};

/// Called within Scheduler::step, on its thread. It may submit and cancel requests; if it throws, its request fails.
using TextCallback = std::function<void(const TextPiece& piece)>;

}  // namespace eigenformer::inline EIGENFORMER_ABI
