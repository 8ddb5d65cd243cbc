#include "eigenformer/format/strided_read.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <vector>

#include "tests/format/builders.hpp"

namespace {

using eigenformer::Shape;
using eigenformer_tests::Bytes;
namespace format = eigenformer::format;

struct Case {
  std::size_t element_bytes;
  std::size_t first;  ///< element
  Shape shape, strides;
};

/// Element by element, the last dimension innermost.
Bytes gathered(const Bytes& file, const Case& view) {
  Bytes out;
  std::vector<std::int64_t> index(view.shape.size(), 0);
  for (;;) {
    std::size_t place = view.first;
    for (std::size_t i = 0; i < index.size(); ++i) place += static_cast<std::size_t>(index[i] * view.strides[i]);
    const auto* const from = file.data() + place * view.element_bytes;
    out.insert(out.end(), from, from + view.element_bytes);
    std::size_t axis = index.size();
    while (axis > 0 && ++index[axis - 1] == view.shape[axis - 1]) index[--axis] = 0;
    if (axis == 0) return out;
  }
}

TEST(StridedRead, GathersWhatASlowLoopGathers) {
  Bytes file(std::size_t{1} << 21U);
  for (std::size_t i = 0; i < file.size(); ++i) file[i] = static_cast<std::byte>((i * 2654435761U) >> 13U);
  const Case cases[] = {
      {4, 3, {}, {}},
      {4, 0, {5}, {0}},
      {2, 1, {7}, {3}},
      {4, 0, {300, 200}, {1, 300}},            // transposed, whole
      {8, 5, {3, 1, 4}, {4, 99, 1}},           // a dimension of one says nothing
      {1, 9, {2, 3, 4, 5}, {3, 20, 0, 1}},     // repeated and overlapping
      {4, 17, {500, 3}, {1000, 1}},            // a narrow slice of wide rows, piece by piece
      {4, 17, {3, 500}, {1, 1000}},            // the same transposed
      {2, 0, {60}, {17000}},                   // a column of rows beyond one piece
      {4, 2, {2, 40, 5}, {1, 5000, 977}},      // in three dimensions
      {1, 0, {4, 3, 2}, {500000, 0, 250001}},  // far apart and repeated
      {4, 7, {2, 40000}, {400000, 1}},         // rows longer than a piece
      {1, 0, {200, 200}, {5000, 5001}},        // overlapping, far apart
  };
  for (const Case& view : cases) {
    const Bytes wanted = gathered(file, view);
    Bytes found(wanted.size());
    format::read_strided(*format::memory_source(file, "f"),
                         {.offset = view.first * view.element_bytes,
                          .element_bytes = view.element_bytes,
                          .shape = view.shape,
                          .strides = view.strides},
                         found);
    EXPECT_EQ(found, wanted) << eigenformer::shape_text(view.shape) << " " << eigenformer::shape_text(view.strides);
  }
}

}  // namespace
