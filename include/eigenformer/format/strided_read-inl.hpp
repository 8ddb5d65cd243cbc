#pragma once

#include <algorithm>
#include <cstring>
#include <vector>

#include "eigenformer/format/strided_read.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::format {

namespace strided_read_detail {

inline constexpr std::uint64_t k_piece_bytes = std::uint64_t{64} << 10U;

/// One dimension: from one element to the next, in the file and in the result.
struct Axis {
  std::uint64_t size, from, to;
};

/// The dimensions of more than one element, from the largest stride in the file to the smallest, so that reading goes
/// forward.
inline std::vector<Axis> axes_of(const StridedView& view) {
  std::vector<Axis> axes;
  std::uint64_t to = 1;
  for (std::size_t i = view.shape.size(); i-- > 0;) {
    const auto size = static_cast<std::uint64_t>(view.shape[i]);
    if (size > 1) axes.push_back({size, static_cast<std::uint64_t>(view.strides[i]), to});
    to *= size;
  }
  std::sort(axes.begin(), axes.end(), [](const Axis& a, const Axis& b) { return a.from > b.from; });
  if (axes.empty()) axes.push_back({1, 1, 1});
  return axes;
}

/// Elements from the first to the last one, both included.
inline std::uint64_t span_of(const std::vector<Axis>& axes) {
  std::uint64_t last = 0;
  for (const Axis& axis : axes) last += (axis.size - 1) * axis.from;
  return last + 1;
}

/// Copies `count` elements of `bytes` bytes, `from` and `to` elements apart.
template <std::size_t bytes>
void copy(const std::byte* in, std::byte* out, std::uint64_t count, const Axis& axis) {
  for (std::uint64_t i = 0; i < count; ++i) std::memcpy(out + i * axis.to * bytes, in + i * axis.from * bytes, bytes);
}

inline void copy(const std::byte* in, std::byte* out, std::uint64_t count, const Axis& axis, std::size_t bytes) {
  switch (bytes) {
    case 1: return copy<1>(in, out, count, axis);
    case 2: return copy<2>(in, out, count, axis);
    case 4: return copy<4>(in, out, count, axis);
    default: return copy<8>(in, out, count, axis);
  }
}

/// The bytes of the file, from the whole span of the tensor in memory or piece by piece.
class Span {
 public:
  Span(const ByteSource& source, std::uint64_t offset, std::uint64_t bytes, bool whole)
      : source_(source), offset_(offset), whole_(whole), piece_(static_cast<std::size_t>(whole ? bytes : 0)) {
    if (whole) source_.read(offset_, piece_);
  }
  const std::byte* at(std::uint64_t place, std::uint64_t bytes) {
    if (whole_) return piece_.data() + place;
    piece_.resize(static_cast<std::size_t>(bytes));
    source_.read(offset_ + place, piece_);
    return piece_.data();
  }
  /// How many elements of a run one piece holds.
  std::uint64_t elements_of_a_piece(const Axis& run, std::size_t element) const {
    return whole_ ? run.size
                  : std::max<std::uint64_t>(1, k_piece_bytes / (std::max<std::uint64_t>(1, run.from) * element));
  }

 private:
  const ByteSource& source_;
  std::uint64_t offset_;
  bool whole_;
  std::vector<std::byte> piece_;
};

}  // namespace strided_read_detail

EIGENFORMER_INLINE void read_strided(const ByteSource& source, const StridedView& view, std::span<std::byte> out) {
  using namespace strided_read_detail;
  if (out.empty()) return;
  const std::size_t element = view.element_bytes;
  const std::vector<Axis> axes = axes_of(view);
  const std::uint64_t span_bytes = span_of(axes) * element;
  Span span(source, view.offset, span_bytes, span_bytes <= 2 * out.size() + k_piece_bytes);
  const Axis& run = axes.back();
  const std::uint64_t piece = span.elements_of_a_piece(run, element);
  std::vector<std::uint64_t> index(axes.size() - 1, 0);  // of the outer axes
  std::uint64_t from = 0, to = 0;
  for (;;) {
    for (std::uint64_t i = 0; i < run.size; i += piece) {
      const std::uint64_t count = std::min(piece, run.size - i);
      const std::byte* in = span.at((from + i * run.from) * element, ((count - 1) * run.from + 1) * element);
      copy(in, out.data() + (to + i * run.to) * element, count, run, element);
    }
    std::size_t axis = index.size();
    while (axis > 0 && index[axis - 1] + 1 == axes[axis - 1].size) {
      --axis;
      from -= index[axis] * axes[axis].from;
      to -= index[axis] * axes[axis].to;
      index[axis] = 0;
    }
    if (axis == 0) return;
    --axis;
    ++index[axis];
    from += axes[axis].from;
    to += axes[axis].to;
  }
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::format
