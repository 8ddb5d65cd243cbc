// The tokens of one or two texts in the template of a tokenizer: whole, or cut into windows.
#pragma once

#include <cstdint>
#include <vector>

#include "eigenformer/core/config.hpp"
#include "eigenformer/tokenize/text_run.hpp"
#include "eigenformer/tokenizer.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

/// Throws as Tokenizer::encode does.
Encoding encode_texts(const Pipeline& pipeline, const TextPair& texts, const EncodeOptions& options, Details details);

/// Whether what is cut off is wanted too.
enum class Windows : std::uint8_t { first, all };

/// UsageError "usage.truncation", and what Tokenizer::encode throws.
std::vector<Encoding> encode_windows(const Pipeline& pipeline, const TextPair& texts, const TruncateOptions& options,
                                     Windows wanted);

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/tokenize/windows-inl.hpp"
#endif
