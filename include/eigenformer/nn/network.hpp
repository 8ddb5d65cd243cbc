// What an architecture gives to the rest: its sizes, what its cache looks like, and a forward pass to record.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "eigenformer/core/config.hpp"
#include "eigenformer/core/context_length.hpp"
#include "eigenformer/core/model_head.hpp"
#include "eigenformer/nn/kv_cache.hpp"
#include "eigenformer/nn/recorder.hpp"
#include "eigenformer/nn/two_streams.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::nn {
/// The three kinds of transformer.
enum class NetworkKind : std::uint8_t { decoder, encoder, encoder_decoder };

/// The sizes that users of a network need.
struct NetworkInfo {
  NetworkKind kind = NetworkKind::decoder;
  ModelHead head = ModelHead::language_model;
  std::size_t vocabulary_size = 0;         ///< of an encoder-decoder: the decoder's
  std::size_t source_vocabulary_size = 0;  ///< of an encoder-decoder: the encoder's, where it is another; else 0
  std::size_t hidden_size = 0;
  std::size_t layers = 0;          ///< of an encoder-decoder: the decoder's
  std::size_t heads = 0;           ///< of an encoder-decoder: the decoder's
  std::size_t encoder_layers = 0;  ///< of an encoder-decoder
  std::size_t encoder_heads = 0;   ///< of an encoder-decoder
  std::size_t context_length = 0;  ///< tokens that positions exist for; k_unlimited_context where there is no limit
  std::size_t token_types = 0;     ///< segments that rows may name; 0: the network has none
  std::optional<SegmentRules> segments = {};  ///< of a network with two streams and a memory (two_streams.hpp)
  /// What the decoder of an encoder-decoder begins with, where its config says so.
  std::optional<std::int32_t> decoder_start_token = {};
  /// A target that is moved one place to the right begins with its own last token before the padding (mBART's
  /// language), whatever decoder_start_token says: this is the padding token.
  std::optional<std::int32_t> wraps_before_padding = {};
  /// The token whose row OutputRows::end_token means.
  std::optional<std::int32_t> end_token = {};
  std::uint64_t parameters = 0;
  std::uint64_t weight_bytes = 0;  ///< of the panels and tables in memory
};

/// The programs that a network may have. A decoder-only or encoder-only network has `main` alone. An encoder-decoder
/// has three: `encoder` over the source's rows, `source_keys` once per source over the encoder's last hidden states,
/// which its rows bring along (Row::vector), and `main`, the decoder. `source_keys` fills the cache that is
/// BatchSequence::source for the cross-attention of every layer of `main`.
enum class ProgramRole : std::uint8_t { main, encoder, source_keys };

/// A loaded network: weights and wiring. Immutable once made; programs refer to its weights.
class Network {
 public:
  virtual ~Network() = default;
  virtual const NetworkInfo& info() const = 0;
  /// Keys and values per sequence under ProgramRole::main; the type of its elements is the caller's choice.
  virtual CacheLayout cache_layout() const = 0;
  /// The same under ProgramRole::encoder, whose layers may take turns with one.
  virtual CacheLayout encoder_cache_layout() const { return {}; }
  /// What ProgramRole::source_keys fills: keys and values of every cross-attention.
  virtual CacheLayout source_cache_layout() const { return {}; }
  /// Says where rows stand that came with their index as position (a table that begins after the padding token's row);
  /// rows are whole sequences of an encoder, or those of a decoder.
  virtual void place_rows(std::span<Row>, ProgramRole) const {}
  /// By which length the frequencies of a sequence of that many tokens are chosen (BatchSequence::frequency_length).
  /// Where it changes as a sequence grows, its cache is computed again (docs/numerics.md, rule 5).
  virtual std::uint32_t frequency_length(std::uint32_t) const { return 0; }
  /// The forward pass. Results are named with `recorder.output`: "logits" [outputs, vocabulary] where the network has a
  /// language-modelling head, what ModelHead says where not. The encoder of an
  /// encoder-decoder gives "last_hidden_state".
  virtual void record(Recorder& recorder, ProgramRole role) const = 0;
};

}  // namespace eigenformer::inline EIGENFORMER_ABI::nn
