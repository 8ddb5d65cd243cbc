// How well each of several texts answers a query. A light header.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "eigenformer/core/config.hpp"
#include "eigenformer/error.hpp"
#include "eigenformer/model.hpp"
#include "eigenformer/tasks/embed.hpp"

namespace eigenformer::inline EIGENFORMER_ABI {

/// What becomes of a cross-encoder's output.
enum class RerankScore : std::uint8_t {
  automatic,  ///< as the model's config says; where it says nothing: sigmoid
  logit,      ///< as it is
  sigmoid,    ///< 1 / (1 + exp(-logit)), from 0 to 1
};

struct RerankOptions {
  RerankScore score = RerankScore::automatic;  ///< of a cross-encoder alone: a cosine stays what it is
  std::size_t max_length = 0;                  ///< tokens; 0, or more than the model allows: the model's own limit
  /// What the queries of an embedding model begin with, and its texts: names of its prompts.
  std::string query_prompt_name = {};
  std::string text_prompt_name = {};
  const std::atomic<bool>* cancel = nullptr;
};

/// A score for each text, in their order; higher is better.
///
/// A cross-encoder (sequence classification with one label) reads query and text together, cut to its length where they
/// are longer (the longer of the two first, as the library sentence-transformers does). Any other model that `embed`
/// takes compares their embeddings: the cosine.
///
/// Throws UsageError "usage.task" for a classifier with more labels, "usage.rerank_option" for an option of the other
/// kind of model, and as `embed`.
std::vector<double> rerank(const Model& model, std::string_view query, std::span<const std::string> texts,
                           const RerankOptions& options = {});
Result<std::vector<double>> try_rerank(const Model& model, std::string_view query, std::span<const std::string> texts,
                                       const RerankOptions& options = {});

}  // namespace eigenformer::inline EIGENFORMER_ABI

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/tasks/rerank-inl.hpp"
#endif
