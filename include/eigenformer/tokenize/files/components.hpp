// The stages of tokenizer.json by their types. What is not known is an error that names the type.
#pragma once

#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "eigenformer/core/config.hpp"
#include "eigenformer/tokenize/decoders/decoder.hpp"
#include "eigenformer/tokenize/models/model.hpp"
#include "eigenformer/tokenize/normalizers/normalizer.hpp"
#include "eigenformer/tokenize/post_processors/post_processor.hpp"
#include "eigenformer/tokenize/pre_tokenizers/pre_tokenizer.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

/// Null for null.
std::unique_ptr<const Normalizer> read_normalizer(const nlohmann::json& value, const std::string& where);
/// The last step must be ByteLevel: the byte-level model is the one that is known.
std::unique_ptr<const PreTokenizer> read_pre_tokenizer(const nlohmann::json& value, const std::string& where);
/// Ids of templates must be in the vocabulary: `vocabulary_size` is one more than the highest.
std::vector<std::unique_ptr<const PostProcessor>> read_post_processors(const nlohmann::json& value,
                                                                       std::size_t vocabulary_size,
                                                                       const std::string& where);
std::unique_ptr<const Decoder> read_decoder(const nlohmann::json& value, const std::string& where);

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/tokenize/files/components-inl.hpp"
#endif
