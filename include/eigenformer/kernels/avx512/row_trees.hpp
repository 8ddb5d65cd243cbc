// Sixteen rows of sixteen lanes, each reduced by the tree 16 -> 8 -> 4 -> 2 -> 1 of rule 3. Two rows share a register
// after the first step, four after the second: fifteen steps do what takes sixty-four row by row.
#pragma once

#include "eigenformer/kernels/avx512/lanes.hpp"

EIGENFORMER_TARGET_BEGIN("avx512f,avx512bw,avx512vl,avx512dq,avx512vnni,avx2,fma,f16c")
namespace eigenformer::inline EIGENFORMER_ABI::kernels::avx512 {

struct Sum {
  static __m512 of(__m512 left, __m512 right) { return _mm512_add_ps(left, right); }
};

/// Which of two zeros is of no account.
struct Larger {
  static __m512 of(__m512 left, __m512 right) { return _mm512_max_ps(left, right); }
};

/// One lane a row, in their order.
template <class Operation>
inline __m512 tree_of_rows(const __m512 (&rows)[16]) {
  __m512 eights[8];  // two rows of eight lanes each
#pragma GCC unroll 8
  for (int i = 0; i < 8; ++i) {
    // Register i / 2 of the next step has rows i / 2, i / 2 + 4, i / 2 + 8 and i / 2 + 12, so that the last step leaves
    // them in order.
    const __m512 left = rows[i / 2 + i % 2 * 8];
    const __m512 right = rows[i / 2 + i % 2 * 8 + 4];
    eights[i] = Operation::of(_mm512_shuffle_f32x4(left, right, 0x44), _mm512_shuffle_f32x4(left, right, 0xEE));
  }
  __m512 fours[4];
#pragma GCC unroll 4
  for (int i = 0; i < 4; ++i) {
    const __m512 left = eights[2 * i];
    const __m512 right = eights[2 * i + 1];
    fours[i] = Operation::of(_mm512_shuffle_f32x4(left, right, 0x88), _mm512_shuffle_f32x4(left, right, 0xDD));
  }
  __m512 twos[2];
#pragma GCC unroll 2
  for (int i = 0; i < 2; ++i) {
    const __m512 left = fours[2 * i];
    const __m512 right = fours[2 * i + 1];
    twos[i] = Operation::of(_mm512_shuffle_ps(left, right, 0x44), _mm512_shuffle_ps(left, right, 0xEE));
  }
  return Operation::of(_mm512_shuffle_ps(twos[0], twos[1], 0x88), _mm512_shuffle_ps(twos[0], twos[1], 0xDD));
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::kernels::avx512
EIGENFORMER_TARGET_END
