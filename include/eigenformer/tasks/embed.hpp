// Texts as vectors: near to each other where the texts mean the same. A light header.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "eigenformer/core/config.hpp"
#include "eigenformer/core/pooling.hpp"
#include "eigenformer/error.hpp"
#include "eigenformer/model.hpp"
#include "eigenformer/tasks/long_text.hpp"

namespace eigenformer::inline EIGENFORMER_ABI {

/// What is not set follows the model's files: modules.json of a folder of the library sentence-transformers.
struct EmbedOptions {
  Pooling pooling = Pooling::automatic;
  std::optional<bool> normalize = {};  ///< to the length 1; where nothing says so: yes
  std::size_t max_length = 0;          ///< tokens; 0, or more than the model allows: the model's own limit
  LongText long_text = LongText::automatic;
  std::string prompt_name = {};            ///< of the model's prompts, that which goes in front of each text
  std::optional<std::string> prompt = {};  ///< what goes in front of each text instead; may be empty
  const std::atomic<bool>* cancel = nullptr;
};

/// The vectors of texts, ModelInfo::embedding_size numbers each (unless `pooling` is set to another than the model's),
/// of an encoder, a decoder, or the encoder of an encoder-decoder: pooled hidden states of the last layer. A text has
/// the same bits alone and in company. Fed in batches without padding, so many texts in one call are fastest.
///
/// Throws UsageError "usage.prompt_too_long", "usage.prompt_empty" (a text without any token), "usage.prompt_name",
/// "usage.pooling"; ConfigError "config.sentence_module" and others where modules.json is not understood;
/// TokenizerError "tokenizer.missing"; CancelledError "cancelled.task".
std::vector<std::vector<float>> embed(const Model& model, std::span<const std::string> texts,
                                      const EmbedOptions& options = {});
Result<std::vector<std::vector<float>>> try_embed(const Model& model, std::span<const std::string> texts,
                                                  const EmbedOptions& options = {});

/// That of one text.
std::vector<float> embed(const Model& model, std::string_view text, const EmbedOptions& options = {});
Result<std::vector<float>> try_embed(const Model& model, std::string_view text, const EmbedOptions& options = {});

/// a b / (|a| |b|), from -1 to 1; 0 where one of them is all zeros. UsageError "usage.vector_sizes" where they are not
/// of one size.
double cosine_similarity(std::span<const float> a, std::span<const float> b);
Result<double> try_cosine_similarity(std::span<const float> a, std::span<const float> b);

}  // namespace eigenformer::inline EIGENFORMER_ABI

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/tasks/embed-inl.hpp"
#endif
