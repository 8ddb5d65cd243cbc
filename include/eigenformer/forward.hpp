// One forward pass with everything in it for those who want to see: logits, hidden states, attention maps. A light
// header.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "eigenformer/core/config.hpp"
#include "eigenformer/error.hpp"
#include "eigenformer/model.hpp"

namespace eigenformer::inline EIGENFORMER_ABI {

/// Values with their sizes, outermost first.
struct Tensor {
  std::vector<std::int64_t> shape;
  std::vector<float> values;
};

struct ForwardOptions {
  bool hidden_states = false;  ///< "hidden_states.0" (the embedding) to "hidden_states.<layers>" (after the last norm)
  bool attentions = false;     ///< "attentions.0" to "attentions.<layers - 1>"
  std::size_t chunk =
      0;  ///< tokens a step; 0: some hundreds. The values do not depend on it; encoders take a text whole
  std::vector<std::int32_t> token_type_ids = {};  ///< the segment of each token, for models that have them; empty: 0
};

/// Results by name, as Hugging Face transformers calls them: those of the model's head (ModelHead), "hidden_states.N"
/// [tokens, hidden], "attentions.N" [heads, tokens, tokens]. Throws UsageError "usage.token_id",
/// "usage.prompt_too_long", "usage.prompt_empty", "usage.token_types".
std::map<std::string, Tensor> forward(const Model& model, std::span<const TokenId> ids,
                                      const ForwardOptions& options = {});
Result<std::map<std::string, Tensor>> try_forward(const Model& model, std::span<const TokenId> ids,
                                                  const ForwardOptions& options = {});

/// log p(ids[i] | ids[0 .. i - 1]) for i = 1 .. n - 1, in nats: what perplexity and scores are made of. Throws
/// UsageError "usage.not_generative" where the model does not predict the next token, and as `forward`.
std::vector<double> token_log_probabilities(const Model& model, std::span<const TokenId> ids);
Result<std::vector<double>> try_token_log_probabilities(const Model& model, std::span<const TokenId> ids);

/// exp of the mean negative log-probability over windows of `window` tokens that do not overlap; the first token of
/// each window is not predicted. https://huggingface.co/docs/transformers/perplexity
double perplexity(const Model& model, std::span<const TokenId> ids, std::size_t window = 512);
Result<double> try_perplexity(const Model& model, std::span<const TokenId> ids, std::size_t window = 512);

}  // namespace eigenformer::inline EIGENFORMER_ABI

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/forward-inl.hpp"
#endif
