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
#include "eigenformer/segment_memory.hpp"

namespace eigenformer::inline EIGENFORMER_ABI {

/// Values with their sizes, outermost first.
struct Tensor {
  std::vector<std::int64_t> shape;
  std::vector<float> values;
};

struct ForwardOptions {
  bool hidden_states = false;  ///< "hidden_states.0" (the embedding) to "hidden_states.<layers>" (after the last norm)
  bool attentions = false;  ///< "attentions.0" to "attentions.<layers - 1>"; "cross_attentions.N" where there are any
  std::size_t chunk =
      0;  ///< tokens a step; 0: some hundreds. The values do not depend on it; encoders take a text whole
  std::vector<std::int32_t> token_type_ids = {};  ///< the segment of each token, for models that have them; empty: 0
  /// What the decoder of an encoder-decoder reads. Empty: the source, moved one place to the right behind the decoder's
  /// start token.
  std::vector<TokenId> decoder_ids = {};

  // Of models that read segments by two streams (XLNet), as in transformers:
  /// [tokens, tokens], row after row: not 0 where token i does not see token j. Every token sees itself all the same.
  std::vector<std::uint8_t> perm_mask = {};
  /// Different places of tokens that are predicted: each is a row of the query stream, which does not know the token
  /// at its place unless perm_mask lets it be seen. The results of the head are then about these rows alone.
  std::vector<std::size_t> target_mapping = {};
  /// What the model remembers of the segments before; `ids` follow them, and are in it afterwards.
  SegmentMemory* memory = nullptr;
};

/// Results by name, as Hugging Face transformers calls them: those of the model's head (ModelHead), "hidden_states.N"
/// [tokens, hidden], "attentions.N" [heads, tokens, tokens].
///
/// An encoder-decoder reads `ids` with its encoder: its "hidden_states.N" and "attentions.N" are the decoder's, and
/// there are "cross_attentions.N" [heads, decoder tokens, tokens], "encoder_hidden_states.N", "encoder_attentions.N"
/// and, always, "encoder_last_hidden_state".
///
/// With `target_mapping` there are "query_hidden_states.N" [targets, hidden] and "query_attentions.N" [heads, targets,
/// slots] beside those of the tokens; slots are those of the memory, then the tokens.
///
/// Throws UsageError "usage.token_id", "usage.prompt_too_long", "usage.prompt_empty", "usage.token_types",
/// "usage.no_encoder", "usage.decoder_start", "usage.end_token", "usage.no_segments", "usage.perm_mask",
/// "usage.target_mapping", "usage.memory_model".
std::map<std::string, Tensor> forward(const Model& model, std::span<const TokenId> ids,
                                      const ForwardOptions& options = {});
Result<std::map<std::string, Tensor>> try_forward(const Model& model, std::span<const TokenId> ids,
                                                  const ForwardOptions& options = {});

/// log p(ids[i] | ids[0 .. i - 1]) for i = 1 .. n - 1, in nats: what perplexity and scores are made of. For models that
/// continue a text (UsageError "usage.not_generative").
std::vector<double> token_log_probabilities(const Model& model, std::span<const TokenId> ids);
Result<std::vector<double>> try_token_log_probabilities(const Model& model, std::span<const TokenId> ids);

/// What an encoder-decoder is asked about.
struct SourceAndTarget {
  std::span<const TokenId> source;
  std::span<const TokenId> target;  ///< without the decoder's start token
};

/// log p(target[i] | source, target[0 .. i - 1]) for i = 0 .. n - 1, in nats, of an encoder-decoder. Throws as
/// `forward`, and "usage.not_generative".
std::vector<double> target_log_probabilities(const Model& model, const SourceAndTarget& pair);
Result<std::vector<double>> try_target_log_probabilities(const Model& model, const SourceAndTarget& pair);

/// exp of the mean negative log-probability over windows of `window` tokens that do not overlap; the first token of
/// each window is not predicted. https://huggingface.co/docs/transformers/perplexity
double perplexity(const Model& model, std::span<const TokenId> ids, std::size_t window = 512);
Result<double> try_perplexity(const Model& model, std::span<const TokenId> ids, std::size_t window = 512);

}  // namespace eigenformer::inline EIGENFORMER_ABI

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/forward-inl.hpp"
#endif
