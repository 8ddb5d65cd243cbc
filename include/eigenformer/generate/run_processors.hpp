// Running a list of processors, of which a host's own may be one.
#pragma once

#include <span>

#include "eigenformer/core/config.hpp"
#include "eigenformer/generate/logits_processor.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::generation {

/// Runs them first to last over the scores [vocabulary] of the token that follows `text`. Throws UsageError
/// "usage.processor_scores" where a score is infinite or not a number after that.
void run_processors(const LogitsProcessors& processors, const ProcessedText& text, std::span<float> scores);

/// UsageError "usage.no_token_left": the processors forbid every token.
[[noreturn]] void refuse_no_token_left();

}  // namespace eigenformer::inline EIGENFORMER_ABI::generation

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/generate/run_processors-inl.hpp"
#endif
