#pragma once

#include <algorithm>
#include <utility>

#include "eigenformer/error.hpp"
#include "eigenformer/nn/pack_matrix.hpp"
#include "eigenformer/nn/weight_scope.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::nn {

namespace weight_scope_detail {

/// Runs `work` and adds the tensor's place to an error that has none.
template <class Work>
auto naming_tensor(const std::string& where, Work&& work) {
  try {
    return work();
  } catch (const Error& error) {
    ErrorReport report = error.report();
    if (report.where.empty()) report.where = where;
    raise(report);
  }
}

/// Row of the file that holds output o, where the file has (head, pair, half) and we want (head, half, pair).
inline std::vector<std::int32_t> interleaved_order(std::size_t outputs, std::size_t head_dim) {
  std::vector<std::int32_t> order(outputs);
  const std::size_t half = head_dim / 2;
  for (std::size_t output = 0; output < outputs; ++output) {
    const std::size_t within = output % head_dim;
    order[output] = static_cast<std::int32_t>(output - within + 2 * (within % half) + within / half);
  }
  return order;
}

}  // namespace weight_scope_detail

EIGENFORMER_INLINE void WeightScope::expect_interleaved_heads(std::vector<std::string> name_endings,
                                                              std::size_t head_dim) const {
  shared_->interleaved_endings = std::move(name_endings);
  shared_->head_dim = head_dim;
}

EIGENFORMER_INLINE bool WeightScope::is_interleaved(std::string_view name) const {
  const std::string full = source_.full_name(name);
  return std::any_of(shared_->interleaved_endings.begin(), shared_->interleaved_endings.end(),
                     [&](const std::string& ending) { return full.ends_with(ending); });
}

EIGENFORMER_INLINE format::RawTensor WeightScope::claim_matrix(std::string_view name, const Shape& shape) const {
  const bool is_measured = shared_->packing.matrices == Matrices::measured;
  return is_measured ? source_.claim_unread(name, shape) : source_.claim(name, shape);
}

EIGENFORMER_INLINE quant::PackedMatrix WeightScope::pack(const quant::PackSource& source, quant::MatrixSize size,
                                                         const std::string& where) const {
  quant::PackedMatrix packed = weight_scope_detail::naming_tensor(where, [&] {
    if (shared_->packing.matrices == Matrices::measured) return quant::measure_packed(source, size);
    return pack_matrix(source, size, shared_->memory, shared_->packing.executor);
  });
  shared_->tally.parameters += std::uint64_t{size.outputs} * size.inner;
  shared_->tally.bytes += packed.bytes();
  shared_->tally.bytes_by_type[quant::packed_type(source, size.inner)] += packed.bytes();
  return packed;
}

EIGENFORMER_INLINE quant::PackedMatrix WeightScope::pack(const format::RawTensor& tensor, quant::MatrixSize size,
                                                         const quant::PackOptions& options) const {
  return pack({tensor.bytes, tensor.type, options, shared_->packing.quantized_type}, size, tensor.where);
}

EIGENFORMER_INLINE quant::PackedMatrix WeightScope::embedding_table(std::string_view name,
                                                                    quant::MatrixSize size) const {
  const format::RawTensor tensor =
      claim_matrix(name, {static_cast<std::int64_t>(size.outputs), static_cast<std::int64_t>(size.inner)});
  return pack({tensor.bytes, tensor.type, {}, shared_->packing.quantized_table_type}, size, tensor.where);
}

EIGENFORMER_INLINE quant::PackedMatrix WeightScope::matrix(std::string_view name, quant::MatrixSize size,
                                                           const quant::PackOptions& options) const {
  const format::RawTensor tensor =
      claim_matrix(name, {static_cast<std::int64_t>(size.outputs), static_cast<std::int64_t>(size.inner)});
  if (!is_interleaved(name)) return pack(tensor, size, options);
  const std::vector<std::int32_t> order = weight_scope_detail::interleaved_order(size.outputs, shared_->head_dim);
  return pack(tensor, size, {.row_order = order});
}

EIGENFORMER_INLINE quant::PackedMatrix WeightScope::matrix(std::string_view name, const Shape& file_shape,
                                                           quant::MatrixSize size, FileLayout layout) const {
  return pack(claim_matrix(name, file_shape), size, {.transposed = layout == FileLayout::inner_first});
}

EIGENFORMER_INLINE std::vector<quant::PackedMatrix> WeightScope::matrices(
    std::string_view name, quant::MatrixSize file_size, FileLayout layout,
    std::span<const std::vector<std::int32_t>> orders) const {
  const auto outputs = static_cast<std::int64_t>(file_size.outputs);
  const auto inner = static_cast<std::int64_t>(file_size.inner);
  const bool transposed = layout == FileLayout::inner_first;
  const format::RawTensor tensor = claim_matrix(name, transposed ? Shape{inner, outputs} : Shape{outputs, inner});
  std::vector<quant::PackedMatrix> parts;
  parts.reserve(orders.size());
  for (const std::vector<std::int32_t>& order : orders) {
    parts.push_back(pack(tensor, {order.size(), file_size.inner}, {.row_order = order, .transposed = transposed}));
  }
  return parts;
}

EIGENFORMER_INLINE std::vector<float> WeightScope::values(std::string_view name, const Shape& shape) const {
  const format::RawTensor tensor = source_.claim(name, shape);
  std::vector<float> values =
      weight_scope_detail::naming_tensor(tensor.where, [&] { return format::decode_f32(tensor); });
  shared_->tally.parameters += values.size();
  shared_->tally.bytes += values.size() * sizeof(float);
  shared_->tally.bytes_by_type[tensor.type] += values.size() * sizeof(float);
  return values;
}

EIGENFORMER_INLINE std::vector<float> WeightScope::vector(std::string_view name, std::size_t size) const {
  return values(name, {static_cast<std::int64_t>(size)});
}

EIGENFORMER_INLINE std::vector<float> WeightScope::table(std::string_view name, quant::MatrixSize size) const {
  return values(name, {static_cast<std::int64_t>(size.outputs), static_cast<std::int64_t>(size.inner)});
}

EIGENFORMER_INLINE bool WeightScope::differs(std::string_view name, const WeightScope& twin,
                                             quant::MatrixSize size) const {
  if (!has(name)) return false;
  const Shape shape{static_cast<std::int64_t>(size.outputs), static_cast<std::int64_t>(size.inner)};
  const format::RawTensor ours = source_.claim(name, shape), theirs = twin.source_.claim(name, shape);
  return ours.type != theirs.type || ours.bytes != theirs.bytes;
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::nn
