// The smallest decoder that does something: what an architecture's file consists of, with a reason for every part.
// docs/adding_a_model.md walks through it; skeleton_test.cpp loads it as a host loads its own architecture.
//
// 1. The head of a real file names the paper, the reference (a pinned address of the Hugging Face file), in what it
//    differs from its nearest relative, and where it is held against the reference.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "eigenformer/arch/architecture.hpp"
#include "eigenformer/nn/embedding.hpp"
#include "eigenformer/nn/feed_forward.hpp"
#include "eigenformer/nn/multi_head_attention.hpp"
#include "eigenformer/nn/norm.hpp"

namespace skeleton {

namespace arch = eigenformer::arch;
namespace format = eigenformer::format;
namespace nn = eigenformer::nn;

// 2. The config: members under the names that config.json gives them. Every key of the file is read here, must equal
//    something, or is named as harmless; a key that nobody mentions makes loading fail, with its name. So a checkpoint
//    that needs something we do not compute cannot slip through.
struct Config {
  std::size_t vocab_size, hidden_size, inner_size, num_layers, num_heads, max_positions;
  double norm_epsilon;

  static Config read(const format::ConfigReader& config) {
    const auto size = [&](std::string_view key) {
      return static_cast<std::size_t>(config.integer(key, format::k_size_range));  // required, 1 .. 2^24
    };
    Config c{};
    c.vocab_size = size("vocab_size");
    c.hidden_size = size("hidden_size");
    c.inner_size = size("inner_size");
    c.num_layers = static_cast<std::size_t>(config.integer("num_layers", format::k_layer_count_range));
    c.num_heads = size("num_heads");
    c.max_positions = size("max_positions");
    c.norm_epsilon = config.number_or("norm_epsilon", 1e-6, format::k_positive);  // optional: the documented default
    config.must_equal("activation", "relu", "the skeleton's feed-forward has no other");
    config.ignore({"comment"});  // known to change nothing
    if (c.hidden_size % c.num_heads != 0) config.refuse("num_heads", "a divisor of hidden_size", "check the config");
    return c;
  }

  std::size_t head_dim() const { return hidden_size / num_heads; }
};

// 3. A layer: members under the checkpoint's names. The constructor claims tensors by scope and shape: `w / "query"`
//    takes "layers.<i>.attention.query.weight". A tensor that is missing, of another shape or left over is an error,
//    so nothing is found out by looking which tensors happen to be there.
class Layer {
 public:
  Layer(const nn::WeightScope& w, const Config& c, std::size_t layer)
      : attention_norm(w / "attention_norm", c.hidden_size, c.norm_epsilon),
        attention{.q_proj = {w / "attention" / "query", {c.hidden_size, c.hidden_size}},
                  .k_proj = {w / "attention" / "key", {c.hidden_size, c.hidden_size}},
                  .v_proj = {w / "attention" / "value", {c.hidden_size, c.hidden_size}},
                  .o_proj = {w / "attention" / "output", {c.hidden_size, c.hidden_size}},
                  .options = {.heads = c.num_heads,
                              .kv_heads = c.num_heads,
                              .head_dim = c.head_dim(),
                              .scale = static_cast<float>(1.0 / std::sqrt(static_cast<double>(c.head_dim()))),
                              .layer = layer,
                              .cache_layer = layer}},
        feed_forward_norm(w / "feed_forward_norm", c.hidden_size, c.norm_epsilon),
        feed_forward{.up = {w / "feed_forward" / "up", {c.inner_size, c.hidden_size}},
                     .down = {w / "feed_forward" / "down", {c.hidden_size, c.inner_size}},
                     .activation = nn::Activation::relu} {}

  // 4. The layer's forward: the wiring, written out; each line ends in its shape. Nothing is computed here: each call
  //    appends to the program that every step will walk (nn/recorder.hpp).
  nn::Value operator()(nn::Recorder& r, nn::Value x) const {
    x = r.add(x, attention(r, attention_norm(r, x)));           // [rows, hidden]
    return r.add(x, feed_forward(r, feed_forward_norm(r, x)));  // [rows, hidden]
  }

 private:
  nn::RmsNorm attention_norm;
  nn::MultiHeadAttention attention;
  nn::RmsNorm feed_forward_norm;
  nn::FeedForward feed_forward;
};

// 5. The network: sizes, cache, and the forward pass from tokens to logits.
class ForCausalLM final : public nn::Network {
 public:
  explicit ForCausalLM(const arch::Checkpoint& checkpoint) : config_(Config::read(checkpoint.config)) {
    const Config& c = config_;
    const nn::WeightScope& w = checkpoint.weights;
    embed = {w / "embed", {c.vocab_size, c.hidden_size}};
    positions = {w / "positions", {c.max_positions, c.hidden_size}};
    for (std::size_t layer = 0; layer < c.num_layers; ++layer) layers.emplace_back(w / "layers" / layer, c, layer);
    final_norm = {w / "final_norm", c.hidden_size, c.norm_epsilon};
    info_ = {.kind = nn::NetworkKind::decoder,
             .vocabulary_size = c.vocab_size,
             .hidden_size = c.hidden_size,
             .layers = c.num_layers,
             .heads = c.num_heads,
             .context_length = c.max_positions,
             .parameters = w.tally().parameters,
             .weight_bytes = w.tally().bytes};
  }

  const nn::NetworkInfo& info() const override { return info_; }
  nn::CacheLayout cache_layout() const override {
    return {.layers = config_.num_layers, .kv_heads = config_.num_heads, .head_dim = config_.head_dim()};
  }

  void record(nn::Recorder& r, nn::ProgramRole) const override {
    nn::Value x = positions.add_positions(r, embed.tokens(r));  // [rows, hidden]
    for (std::size_t layer = 0; layer < layers.size(); ++layer) {
      r.probe("hidden_states." + std::to_string(layer), x);  // costs nothing unless somebody watches
      x = layers[layer](r, x);                               // [rows, hidden]
    }
    const std::string last = "hidden_states." + std::to_string(layers.size());
    if (r.keeps(last)) r.probe(last, final_norm(r, x));  // of all rows: only for those who watch
    x = final_norm(r, r.outputs_only(x));                // [outputs, hidden]
    r.output("logits", r.linear(x, {&embed.weight()}));  // [outputs, vocabulary]; the head is the embedding's table
  }

 private:
  Config config_;
  nn::NetworkInfo info_;
  nn::Embedding embed, positions;
  std::vector<Layer> layers;
  nn::RmsNorm final_norm;
};

// 6. The registration: names, and how tensors and keys are called where a file calls them otherwise. A file in arch/
//    has one line in arch/registry-inl.hpp; a host's own is given to load() in LoadOptions::architectures.
inline arch::Architecture architecture() {
  return {.name = "skeleton",
          .hugging_face_classes = {"SkeletonForCausalLM"},
          .gguf_name = "",  // not in GGUF files
          .hugging_face_names = {.to_file = {}, .optional_prefixes = {"model."}},
          .gguf_names = {},
          .gguf_keys = {},
          .ignorable_tensors = {"*.mask"},  // buffers that checkpoints carry along
          .make = [](const arch::Checkpoint& checkpoint) -> std::unique_ptr<const nn::Network> {
            return std::make_unique<const ForCausalLM>(checkpoint);
          }};
}

}  // namespace skeleton
