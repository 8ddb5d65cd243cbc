// The element and block types in which files keep tensors.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "eigenformer/core/config.hpp"

namespace eigenformer::inline EIGENFORMER_ABI {

/// How a tensor's elements lie in a file. Block formats hold `block_elements(type)` values along the innermost
/// dimension.
enum class DataType : std::uint8_t {
  f32,
  f16,
  bf16,
  i8,
  u8,
  i16,
  i32,
  i64,
  f64,
  boolean,
  q4_0,
  q4_1,
  q5_0,
  q5_1,
  q8_0,
  q2_k,
  q3_k,
  q4_k,
  q5_k,
  q6_k,
  iq4_nl,
  iq4_xs,
  mxfp4,
};

/// Those that matrices may have, for messages.
inline constexpr std::string_view k_matrix_types =
    "F32, F16, BF16, Q4_0, Q4_1, Q5_0, Q5_1, Q8_0, Q2_K, Q3_K, Q4_K, Q5_K, Q6_K, IQ4_NL, IQ4_XS or MXFP4";

/// Values in one block: 32 or 256 for the block formats, 1 for plain elements.
constexpr std::size_t block_elements(DataType type) {
  switch (type) {
    case DataType::q4_0:
    case DataType::q4_1:
    case DataType::q5_0:
    case DataType::q5_1:
    case DataType::q8_0:
    case DataType::iq4_nl:
    case DataType::mxfp4: return 32;
    case DataType::q2_k:
    case DataType::q3_k:
    case DataType::q4_k:
    case DataType::q5_k:
    case DataType::q6_k:
    case DataType::iq4_xs: return 256;
    default: return 1;
  }
}

/// Bytes of one block (of one element for plain types).
constexpr std::size_t block_bytes(DataType type) {
  switch (type) {
    case DataType::i8:
    case DataType::u8:
    case DataType::boolean: return 1;
    case DataType::f16:
    case DataType::bf16:
    case DataType::i16: return 2;
    case DataType::f32:
    case DataType::i32: return 4;
    case DataType::i64:
    case DataType::f64: return 8;
    case DataType::q4_0:
    case DataType::iq4_nl: return 18;
    case DataType::q4_1: return 20;
    case DataType::q5_0: return 22;
    case DataType::q5_1: return 24;
    case DataType::q8_0: return 34;
    case DataType::q2_k: return 84;
    case DataType::q3_k: return 110;
    case DataType::q4_k: return 144;
    case DataType::q5_k: return 176;
    case DataType::q6_k: return 210;
    case DataType::iq4_xs: return 136;
    case DataType::mxfp4: return 17;
  }
  return 0;
}

/// The name that messages and `inspect` show: "F32", "Q4_1".
constexpr std::string_view data_type_name(DataType type) {
  switch (type) {
    case DataType::f32: return "F32";
    case DataType::f16: return "F16";
    case DataType::bf16: return "BF16";
    case DataType::i8: return "I8";
    case DataType::u8: return "U8";
    case DataType::i16: return "I16";
    case DataType::i32: return "I32";
    case DataType::i64: return "I64";
    case DataType::f64: return "F64";
    case DataType::boolean: return "BOOL";
    case DataType::q4_0: return "Q4_0";
    case DataType::q4_1: return "Q4_1";
    case DataType::q5_0: return "Q5_0";
    case DataType::q5_1: return "Q5_1";
    case DataType::q8_0: return "Q8_0";
    case DataType::q2_k: return "Q2_K";
    case DataType::q3_k: return "Q3_K";
    case DataType::q4_k: return "Q4_K";
    case DataType::q5_k: return "Q5_K";
    case DataType::q6_k: return "Q6_K";
    case DataType::iq4_nl: return "IQ4_NL";
    case DataType::iq4_xs: return "IQ4_XS";
    case DataType::mxfp4: return "MXFP4";
  }
  return "?";
}

}  // namespace eigenformer::inline EIGENFORMER_ABI
