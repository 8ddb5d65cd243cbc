// What is left of an answer that is over, for whoever keeps its sequence.
#pragma once

#include <optional>
#include <string>

#include "eigenformer/core/config.hpp"
#include "eigenformer/generate.hpp"
#include "eigenformer/generate/sequence.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::generation {

struct ReplyEnd {
  Sequence& sequence;                  ///< may be moved from
  const std::string& text;             ///< what was said
  std::optional<FinishReason> reason;  ///< none where it was given up midway or failed
};

}  // namespace eigenformer::inline EIGENFORMER_ABI::generation
