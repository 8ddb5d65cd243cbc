// A model: loaded once, immutable, shared by as many conversations and tasks as there are. A light header.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "eigenformer/asset_reader.hpp"
#include "eigenformer/core/config.hpp"
#include "eigenformer/core/context_length.hpp"
#include "eigenformer/core/model_head.hpp"
#include "eigenformer/core/problem_type.hpp"
#include "eigenformer/error.hpp"
#include "eigenformer/executor.hpp"
#include "eigenformer/tokenizer.hpp"

namespace eigenformer::inline EIGENFORMER_ABI {

namespace arch {
struct Architecture;
}  // namespace arch

/// Which arithmetic (docs/numerics.md). Both give the same bits on every machine.
enum class Compute : std::uint8_t {
  automatic,  ///< 8-bit activations for block formats, f32 for f32, f16 and bf16 weights
  exact,      ///< f32 activations for every format: for comparison with reference implementations
};

/// How the weights that are multiplied with, and the tables of embeddings, are kept in memory.
///
/// q8 and q4 are for files in F32, F16 and BF16: while they are read, matrices become blocks of 32 values, of 8.5 or 5
/// bits a weight. The blocks are those that the gguf package makes (docs/numerics.md), the same on every machine.
/// What is added or scaled by (biases, norms), matrices that are in blocks already and matrices whose inner size is no
/// multiple of 32 stay as the file has them. While it loads, memory holds the blocks and one tensor of the file.
/// NumericError "numeric.weight_beyond_half" where a block's numbers are too large for its scale.
enum class Weights : std::uint8_t {
  as_is,  ///< as the file has them
  q8,     ///< Q8_0: a quarter of F32's memory, a little over half of F16's
  q4,     ///< Q4_1: a sixth of F32's memory, a third of F16's; tables of embeddings, and heads tied to them: Q8_0
};

/// How keys and values are kept. `automatic`: f32 under Compute::exact and in encoders, which keep them for a moment
/// only; f16 else. int8 takes little more than half of f16's memory: each key and value in blocks of 32 with a scale
/// (docs/numerics.md, rule 4); what it costs in perplexity is in docs/performance.md.
enum class CacheElement : std::uint8_t { automatic, f32, f16, int8 };

/// What to do with a key of the config that the architecture does not know.
enum class UnknownConfigKeys : std::uint8_t {
  refuse,  ///< an error that names it
  report,  ///< listed in ModelInfo::reports
};

struct LoadOptions {
  Compute compute = Compute::automatic;
  Weights weights = Weights::as_is;
  CacheElement cache = CacheElement::automatic;
  UnknownConfigKeys unknown_keys = UnknownConfigKeys::refuse;
  unsigned threads = 0;                     ///< of the library's own pool; 0: one for each core
  std::shared_ptr<Executor> executor = {};  ///< the host's own threads instead
  /// "scalar", "avx2", "avx512", "amx", "neon", "neon_dotprod"; empty: EIGENFORMER_ISA if set, else the best the
  /// machine has. Where that is amx, Linux wants larger alternative signal stacks from then on (docs/numerics.md,
  /// section 7).
  std::string instruction_set = {};
  /// Called by the thread that loads, while the tokenizer is read (some dozen times for a large vocabulary, with 0) and
  /// after each tensor, with bytes of the weights done and in all; false stops the load (CancelledError,
  /// "cancelled.load").
  std::function<bool(std::uint64_t done, std::uint64_t total)> progress = {};
  /// Architectures of the host's own, which go before the library's (eigenformer/arch/architecture.hpp,
  /// docs/adding_a_model.md). UsageError "usage.architecture" where one is null.
  std::vector<std::shared_ptr<const arch::Architecture>> architectures = {};
};

enum class ModelKind : std::uint8_t { decoder, encoder, encoder_decoder };

/// What is known of a loaded model.
struct ModelInfo {
  std::string source;        ///< the path (or name) it was loaded from
  std::string architecture;  ///< "llama"
  std::string format;        ///< "GGUF", "safetensors" or "PyTorch"
  /// "Q4_1 + F32", in order of bytes: the types of the file, or what LoadOptions::weights made of them
  std::string weight_types;
  std::string instruction_set;  ///< what its kernels use
  ModelKind kind = ModelKind::decoder;
  ModelHead head = ModelHead::language_model;
  Compute compute = Compute::automatic;
  CacheElement cache = CacheElement::automatic;
  std::size_t vocabulary_size = 0;         ///< of an encoder-decoder: the decoder's
  std::size_t source_vocabulary_size = 0;  ///< of an encoder-decoder: the encoder's; else 0
  std::size_t hidden_size = 0;
  std::size_t layers = 0;          ///< of an encoder-decoder: the decoder's
  std::size_t heads = 0;           ///< of an encoder-decoder: the decoder's
  std::size_t encoder_layers = 0;  ///< of an encoder-decoder
  std::size_t encoder_heads = 0;   ///< of an encoder-decoder
  std::size_t context_length = 0;  ///< in tokens; k_unlimited_context where there is no limit
  /// What the decoder of an encoder-decoder begins with, where its files say so.
  std::optional<TokenId> decoder_start_token = {};
  std::size_t embedding_size = 0;   ///< numbers of an embedding (tasks/embed.hpp)
  std::size_t token_types = 0;      ///< token type ids are below it; 0: the model has none
  std::vector<std::string> labels;  ///< of a classifier of texts or tokens, in the order of its outputs; else none
  ProblemType problem_type = ProblemType::unspecified;  ///< of a classifier of texts
  std::uint64_t parameters = 0;
  std::uint64_t weight_bytes = 0;  ///< in memory
  unsigned threads = 0;
  std::vector<std::string> reports;  ///< unknown config keys that were passed over, code references that are never run
};

struct ModelState;

/// A shared handle. Copies refer to the same weights; any number of threads may use it. What it returns references to
/// lives as long as one of the copies.
class Model {
 public:
  const ModelInfo& info() const& noexcept;
  ModelInfo info() &&;  ///< a copy: `load(path).info()` outlives the handle

  /// Throws TokenizerError where the model came without one (`has_tokenizer` asks first).
  const Tokenizer& tokenizer() const;
  bool has_tokenizer() const noexcept;

  /// The model's own chat template, as text; none for models that were not made to chat.
  const std::optional<std::string>& chat_template() const noexcept;
  /// The model's generation_config.json, as text; none where it has none.
  const std::optional<std::string>& generation_config() const noexcept;
  /// Tokens that end an answer.
  const std::vector<TokenId>& end_tokens() const noexcept;

  /// Bytes that a sequence of that many tokens keeps in its cache; of an encoder-decoder: those of the decoder.
  std::uint64_t cache_bytes(std::size_t tokens) const noexcept;
  /// Bytes that a source of that many tokens is kept in while an encoder-decoder decodes from it, however many
  /// sequences share it; 0 for other models.
  std::uint64_t source_bytes(std::size_t tokens) const noexcept;

  /// For the library's own rooms (model_state.hpp).
  explicit Model(std::shared_ptr<const ModelState> state) : state_(std::move(state)) {}
  const ModelState& state() const noexcept { return *state_; }
  const std::shared_ptr<const ModelState>& shared_state() const noexcept { return state_; }

 private:
  std::shared_ptr<const ModelState> state_;
};

/// Loads a Hugging Face folder or a .gguf file. A failed load leaves nothing behind.
Model load(const std::filesystem::path& path, const LoadOptions& options = {});
Result<Model> try_load(const std::filesystem::path& path, const LoadOptions& options = {});

/// Loads a GGUF file that is in memory already. The bytes are not needed after the call.
Model load_from_memory(std::span<const std::byte> gguf, const LoadOptions& options = {});
Result<Model> try_load_from_memory(std::span<const std::byte> gguf, const LoadOptions& options = {});

/// Loads a GGUF file by way of the host's reader. Throws what `load` throws, and UsageError "usage.no_reader" for null.
Model load_from_reader(std::shared_ptr<const AssetReader> gguf, const LoadOptions& options = {});
Result<Model> try_load_from_reader(std::shared_ptr<const AssetReader> gguf, const LoadOptions& options = {});
/// The same of a Hugging Face folder.
Model load_from_reader(std::shared_ptr<const AssetFolder> folder, const LoadOptions& options = {});
Result<Model> try_load_from_reader(std::shared_ptr<const AssetFolder> folder, const LoadOptions& options = {});

}  // namespace eigenformer::inline EIGENFORMER_ABI

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/model-inl.hpp"
#endif
