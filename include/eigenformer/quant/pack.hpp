// From a file's rows to panels, and an exact row back out of them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "eigenformer/core/config.hpp"
#include "eigenformer/core/data_type.hpp"
#include "eigenformer/quant/packed_matrix.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::quant {

struct PackOptions {
  /// Output o is row row_order[o] of the file; empty: as it is. The file may have more rows than outputs (a q, k, v
  /// matrix that is cut in three).
  std::span<const std::int32_t> row_order = {};
  /// The file holds [inner, outputs], as GPT-2's Conv1D does; "row" above then means column. Plain types only.
  bool transposed = false;
};

/// What is packed: a file's bytes, their type, and how they become outputs.
struct PackSource {
  std::span<const std::byte> bytes;
  DataType type = DataType::f32;
  PackOptions options;
  /// Q8_0 or Q4_1: what plain rows become that are whole blocks of it; none: they stay as they are.
  std::optional<DataType> quantized_type = {};
};

/// The type whose panels a source becomes: its own, or the one that it is quantized to.
DataType packed_type(const PackSource& source, std::size_t inner);

/// Whether matrices of this type have a panel kind: f32, f16, bf16 and the block formats.
bool can_pack(DataType type);

/// Checks the source against the size and takes memory for its panels from `memory`. WeightError
/// "weight.type_not_packed"; ShapeError "shape.pack_bytes", "shape.pack_inner", "shape.pack_row_order",
/// "shape.pack_transposed".
PackedMatrix make_packed(const PackSource& source, MatrixSize size, PanelMemory& memory);

/// The same without memory, and whatever bytes the source has: for its size.
PackedMatrix measure_packed(const PackSource& source, MatrixSize size);

/// Fills panels first_panel .. first_panel + count - 1 of a matrix that `make_packed` made for this source: different
/// panels may be filled by different threads. NumericError "numeric.weight_not_finite" for a scale or plain weight that
/// is infinite or not a number (the caller knows the tensor's name and adds it); "numeric.weight_beyond_half" where a
/// quantized block's scale or minimum would be larger than a half can be.
void pack_panels(PackedMatrix& matrix, const PackSource& source, std::size_t first_panel, std::size_t count);

/// Both steps, in memory of its own. `bytes` holds the file's rows, [outputs, inner] unless the options say otherwise.
PackedMatrix pack(std::span<const std::byte> bytes, DataType type, std::size_t outputs, std::size_t inner,
                  const PackOptions& options = {});

/// One output's weights, exactly as the format of its panels decodes them: out [inner].
void decode_row(const PackedMatrix& matrix, std::size_t output, std::span<float> out);

}  // namespace eigenformer::inline EIGENFORMER_ABI::quant

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/quant/pack-inl.hpp"
#endif
