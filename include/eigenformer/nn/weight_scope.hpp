// Claiming weights as blocks want them: matrices in panels, vectors in f32, and a tally of what was loaded.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "eigenformer/core/config.hpp"
#include "eigenformer/core/data_type.hpp"
#include "eigenformer/executor.hpp"
#include "eigenformer/format/weight_source.hpp"
#include "eigenformer/quant/pack.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::nn {

/// What has been claimed of a file.
struct WeightTally {
  std::uint64_t parameters = 0;
  std::uint64_t bytes = 0;                          ///< in memory
  std::map<DataType, std::uint64_t> bytes_by_type;  ///< types of the file, or what matrices were quantized to
};

/// What becomes of matrices.
enum class Matrices : std::uint8_t {
  packed,
  measured,  ///< for a tally alone: they are not read, and nothing can be computed with them
};

/// How matrices become panels.
struct PackingOptions {
  Executor* executor = nullptr;  ///< whose threads pack them, and which outlives the scope; null: the caller does
  /// As PackSource::quantized_type, of embedding tables and of all other matrices. What `values`, `vector` and `table`
  /// claim stays as it is.
  std::optional<DataType> quantized_table_type = {}, quantized_type = {};
  Matrices matrices = Matrices::packed;
};

/// How a matrix lies in its file: [outputs, inner], or [inner, outputs] as GPT-2's Conv1D has it.
enum class FileLayout : std::uint8_t { outputs_first, inner_first };

/// A scope of names over a model's weights: `w / "self_attn" / "q_proj"`. Cheap to copy.
class WeightScope {
 public:
  explicit WeightScope(format::WeightSource source, const PackingOptions& packing = {})
      : source_(std::move(source)), shared_(std::make_shared<Shared>()) {
    shared_->packing = packing;
  }

  WeightScope operator/(std::string_view name) const { return {source_ / name, shared_}; }
  WeightScope operator/(std::size_t index) const { return *this / std::to_string(index); }

  /// [outputs, inner] in panels. Errors as WeightSource::claim and quant::pack, with the tensor's name.
  quant::PackedMatrix matrix(std::string_view name, quant::MatrixSize size,
                             const quant::PackOptions& options = {}) const;
  /// The same of a table whose rows are looked up, and which may be a head as well.
  quant::PackedMatrix embedding_table(std::string_view name, quant::MatrixSize size) const;
  /// Several matrices out of one tensor: part p has as many outputs as order[p] has entries, which say which of the
  /// tensor's `file_size.outputs` they are.
  std::vector<quant::PackedMatrix> matrices(std::string_view name, quant::MatrixSize file_size, FileLayout layout,
                                            std::span<const std::vector<std::int32_t>> orders) const;
  /// A matrix out of a tensor of more dimensions: one whose dimensions, outermost first, are those of the outputs and
  /// then those of the inner size, or the other way round where `layout` says so.
  quant::PackedMatrix matrix(std::string_view name, const Shape& file_shape, quant::MatrixSize size,
                             FileLayout layout) const;
  /// [size] in f32.
  std::vector<float> vector(std::string_view name, std::size_t size) const;
  /// [outputs][inner] in f32, for small tables that are not multiplied with.
  std::vector<float> table(std::string_view name, quant::MatrixSize size) const;

  /// All values of a tensor of that shape, in f32.
  std::vector<float> values(std::string_view name, const Shape& shape) const;

  bool has(std::string_view name) const { return source_.has(name); }
  /// Whether the file has a matrix `name` that is another one than `twin`'s of the same name. Both count as used then.
  bool differs(std::string_view name, const WeightScope& twin, quant::MatrixSize size) const;
  const format::WeightSource& source() const { return source_; }
  const WeightTally& tally() const { return shared_->tally; }

  /// Says that in this file, matrices whose name ends so keep the two halves of each head interleaved, row by row, as
  /// llama.cpp's converter writes them for its rotation of neighbours; `matrix` puts them back into Hugging Face's
  /// order.
  void expect_interleaved_heads(std::vector<std::string> name_endings, std::size_t head_dim) const;

 private:
  struct Shared {
    WeightTally tally;
    std::vector<std::string> interleaved_endings;
    std::size_t head_dim = 0;
    quant::PanelMemory memory;
    PackingOptions packing;
  };
  WeightScope(format::WeightSource source, std::shared_ptr<Shared> shared)
      : source_(std::move(source)), shared_(std::move(shared)) {}
  bool is_interleaved(std::string_view name) const;
  format::RawTensor claim_matrix(std::string_view name, const Shape& shape) const;
  quant::PackedMatrix pack(const format::RawTensor& tensor, quant::MatrixSize size,
                           const quant::PackOptions& options) const;
  quant::PackedMatrix pack(const quant::PackSource& source, quant::MatrixSize size, const std::string& where) const;

  format::WeightSource source_;
  std::shared_ptr<Shared> shared_;
};

}  // namespace eigenformer::inline EIGENFORMER_ABI::nn

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/nn/weight_scope-inl.hpp"
#endif
