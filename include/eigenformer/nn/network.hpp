// What an architecture gives to the rest: its sizes, what its cache looks like, and a forward pass to record.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "eigenformer/core/config.hpp"
#include "eigenformer/nn/kv_cache.hpp"
#include "eigenformer/nn/recorder.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::nn {

/// The three kinds of transformer.
enum class NetworkKind : std::uint8_t { decoder, encoder, encoder_decoder };

/// The sizes that users of a network need.
struct NetworkInfo {
  NetworkKind kind = NetworkKind::decoder;
  std::size_t vocabulary_size = 0;
  std::size_t hidden_size = 0;
  std::size_t layers = 0;
  std::size_t heads = 0;
  std::size_t context_length = 0;  ///< tokens that positions exist for
  std::uint64_t parameters = 0;
  std::uint64_t weight_bytes = 0;  ///< of the panels and tables in memory
};

/// The programs that a network may have. A decoder-only or encoder-only network has `main` alone. An encoder-decoder
/// has three: `encoder` over the source's rows, `source_keys` once per source over the encoder's last hidden states (it
/// fills BatchSequence::source for the cross-attention of every layer), and `main`, the decoder.
enum class ProgramRole : std::uint8_t { main, encoder, source_keys };

/// A loaded network: weights and wiring. Immutable once made; programs refer to its weights.
class Network {
 public:
  virtual ~Network() = default;
  virtual const NetworkInfo& info() const = 0;
  /// Keys and values per sequence under ProgramRole::main; the type of its elements is the caller's choice.
  virtual CacheLayout cache_layout() const = 0;
  /// By which length the frequencies of a sequence of that many tokens are chosen (BatchSequence::frequency_length).
  /// Where it changes as a sequence grows, its cache is computed again (docs/numerics.md, rule 5).
  virtual std::uint32_t frequency_length(std::uint32_t) const { return 0; }
  /// The forward pass. Results are named with `recorder.output`: "logits" [outputs, vocabulary] where the network has a
  /// language-modelling head, "last_hidden_state" where not.
  virtual void record(Recorder& recorder, ProgramRole role) const = 0;
};

}  // namespace eigenformer::inline EIGENFORMER_ABI::nn
