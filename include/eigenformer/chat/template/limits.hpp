// The budgets of a chat template.
#pragma once

#include <cstddef>

#include "eigenformer/core/config.hpp"

namespace eigenformer::inline EIGENFORMER_ABI {
namespace chat {

/// What a template may use up. Passing one of them is ChatError "chat.template_budget".
struct TemplateLimits {
  std::size_t steps = 2'000'000;         ///< operations; 64 bytes of text that are read or written count as one more
  std::size_t output_bytes = 16u << 20;  ///< of the whole prompt and of any one string
  std::size_t depth = 100;               ///< nesting of expressions and blocks, of calls of macros, of lists in lists
  std::size_t list_length = 100'000;     ///< items of one list, range or object
  std::size_t source_bytes = 1u << 20;   ///< of the template itself
};

}  // namespace chat
}  // namespace eigenformer::inline EIGENFORMER_ABI
