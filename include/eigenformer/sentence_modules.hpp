// What a folder of the library sentence-transformers says about its embeddings: modules.json and the folders it names.
// For the library's own rooms. https://www.sbert.net/docs/package_reference/sentence_transformer/models.html
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "eigenformer/core/config.hpp"
#include "eigenformer/core/pooling.hpp"
#include "eigenformer/format/folder.hpp"
#include "eigenformer/kernels/kernel_table.hpp"
#include "eigenformer/nn/linear.hpp"
#include "eigenformer/nn/program.hpp"

namespace eigenformer::inline EIGENFORMER_ABI {

/// What a Dense module computes: activation(linear(x)).
struct DenseLayer {
  nn::Linear linear;
  std::optional<kernels::Activation> activation;  ///< none: the identity
};

/// The modules behind the transformer, in their order: pooling, then layers over the pooled vector, then the length 1.
struct SentenceModules {
  std::vector<Pooling> pooling;  ///< more than one: their vectors end to end
  bool include_prompt = true;    ///< whether the tokens of a prompt count in the pooling
  std::vector<DenseLayer> layers;
  nn::Program dense;           ///< the layers, whose weights it refers to: Row::vector to "sentence_embedding"
  std::size_t inputs = 0;      ///< numbers of a pooled vector
  std::size_t outputs = 0;     ///< numbers of an embedding
  bool normalize = false;      ///< to the length 1
  std::size_t max_length = 0;  ///< tokens that a text is cut to; 0: the model's context
  std::map<std::string, std::string> prompts;  ///< what goes in front of a text, by name
  std::string default_prompt;                  ///< the name of the one that goes in front of every text; empty: none
};

/// The folder in which the transformer of a folder lies: the folder itself, or the one that modules.json names first
/// where there is no config.json beside it.
format::Folder transformer_folder(const format::Folder& folder);

/// Reads modules.json and what it names; null where the folder has none. `hidden_size` is the width of the transformer.
/// Throws ConfigError "config.sentence_module" for a module, or an order of them, that is not understood, and all that
/// reading of configs and weights throws.
std::shared_ptr<const SentenceModules> read_sentence_modules(const format::Folder& folder, std::size_t hidden_size);

}  // namespace eigenformer::inline EIGENFORMER_ABI

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/sentence_modules-inl.hpp"
#endif
