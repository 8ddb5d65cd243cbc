// Matrix product of block kinds with quantized activations (rule 2), one panel by sixteen rows in tiles.
//
// A tile's dots go to memory, and from there into the float sums, which stay in registers. On Sapphire Rapids one of
// the two ports for 512-bit floating point stands still while tile instructions are under way (measured: 48 such
// instructions take 24 cycles, 48 with one tdpbssd or even tilezero among them). So nine blocks are multiplied first
// and added then, instead of both side by side.
//
// The kernel is a template of what has the tiles: MachineTiles, or plain C++ in tests/kernels/tiles_test.cpp.
#pragma once

#include "eigenformer/kernels/amx/machine_tiles.hpp"
#include "eigenformer/kernels/avx512/block_product.hpp"

EIGENFORMER_TARGET_BEGIN("amx-tile,amx-int8,avx512f,avx512bw,avx512vl,avx512dq,avx512vnni,avx2,fma,f16c")
namespace eigenformer::inline EIGENFORMER_ABI::kernels::amx {

using avx512::ActivationTile;
using avx512::OutputTile;

/// Fewer rows are left to AVX-512. Measured by bench/product_pairs.cpp over all kinds and shapes, time by AVX-512 /
/// time by tiles: 0.84 to 1.33 at 24 rows, the last eight of which read the weights once more; 1.15 to 1.86 at 32.
inline constexpr std::size_t k_fewest_rows = 32;

/// Blocks that are multiplied before they are added; a multiple of the tiles that take turns.
inline constexpr std::size_t k_batch_blocks = 9;
static_assert(k_batch_blocks % k_dot_tiles == 0);
/// Blocks whose weights are made ready at a time, for all rows: 18 KiB of the first-level cache.
inline constexpr std::size_t k_chunk_blocks = 4 * k_batch_blocks;
static_assert(k_chunk_blocks % 2 == 0);  // two blocks of sixteen share a scale of the activations

/// 32 KiB on the stack.
struct Workspace {
  alignas(64) std::byte weights[k_chunk_blocks][k_weight_tile_bytes];
  alignas(64) float scales[k_chunk_blocks][quant::k_panel_outputs];
  alignas(64) float minimums[k_chunk_blocks][quant::k_panel_outputs];
  alignas(64) std::int32_t dots[k_batch_blocks][k_tile_dots];
};

/// Blocks of one panel, from number `first` on.
struct Chunk {
  const std::byte* panel;
  std::size_t first;
  std::size_t count;
  std::size_t following;  ///< blocks that lie behind it, also of other panels
};

/// Codes of one block as a tile of weights.
template <quant::PanelKind kind>
[[gnu::always_inline]] inline void unpack_codes(const std::byte* codes, std::byte* tile) {
  constexpr std::size_t groups = quant::block_values(kind) / 4;
#pragma GCC unroll 8
  for (std::size_t group = 0; group < groups; ++group) {
    __m512i bytes;
    if constexpr (quant::has_byte_codes(kind)) {
      bytes = avx512::load_bytes(codes + 64 * group);
    } else {
      bytes = avx512::load_nibbles(codes + 32 * group);
    }
    if constexpr (code_offset(kind) != 0) bytes = _mm512_sub_epi8(bytes, _mm512_set1_epi8(code_offset(kind)));
    _mm512_store_si512(tile + k_tile_row_bytes * group, bytes);
  }
}

/// Asks for a block that will be unpacked soon. Unpacking reads so much at once that it would wait for memory.
template <quant::PanelKind kind>
[[gnu::always_inline]] inline void fetch_block(const std::byte* panel, std::size_t block) {
  constexpr std::size_t header = quant::superblock_blocks(kind) == 1 ? quant::codes_offset(kind) : 0;
  const std::byte* bytes = panel + quant::codes_at(kind, block) - header;
  for (std::size_t byte = 0; byte < header + quant::code_bytes(kind); byte += 64) {
    _mm_prefetch(reinterpret_cast<const char*>(bytes + byte), _MM_HINT_T1);
  }
}

/// Makes a chunk's weights ready. 8-bit codes are copied: in a panel every other block crosses cache lines, and loading
/// a tile of such rows takes five times as long.
template <quant::PanelKind kind>
inline void unpack(const Chunk& chunk, Workspace& workspace) {
  for (std::size_t block = 0; block < chunk.count; ++block) {
    const std::size_t at = chunk.first + block;
    if (block < chunk.following) fetch_block<kind>(chunk.panel, at + chunk.count);
    unpack_codes<kind>(chunk.panel + quant::codes_at(kind, at), workspace.weights[block]);
    _mm512_store_ps(workspace.scales[block], avx512::load_scales<kind>(chunk.panel, at));
    if constexpr (quant::has_minimum(kind)) {
      _mm512_store_ps(workspace.minimums[block], avx512::load_minimums<kind>(chunk.panel, at));
    }
  }
}

/// Some blocks of a chunk.
struct Batch {
  std::size_t first;
  std::size_t count;
};

template <class Tiles, quant::PanelKind kind, int tile>
[[gnu::always_inline]] inline void multiply_block(Tiles& tiles, const Workspace& workspace, const ActivationTile& input,
                                                  std::size_t block) {
  tiles.template multiply<tile, has_unsigned_codes(kind)>(input.codes + block * quant::block_values(kind), input.inner,
                                                          workspace.weights[block]);
}

/// Dots of a batch. A tile is stored while the next two are multiplied, which takes time. Beyond the batch's end the
/// last block is multiplied again, into dots that nobody reads.
template <class Tiles, quant::PanelKind kind>
[[gnu::always_inline]] inline void multiply_batch(Tiles& tiles, Workspace& workspace, const ActivationTile& input,
                                                  const Batch& batch) {
  const std::size_t last = batch.first + batch.count - 1;
  const auto at = [&](std::size_t ahead) { return batch.first + ahead < last ? batch.first + ahead : last; };
  multiply_block<Tiles, kind, 0>(tiles, workspace, input, at(0));
  multiply_block<Tiles, kind, 1>(tiles, workspace, input, at(1));
  multiply_block<Tiles, kind, 2>(tiles, workspace, input, at(2));
  std::size_t block = 0;
  for (; block + k_dot_tiles < batch.count; block += k_dot_tiles) {
    tiles.template store<0>(workspace.dots[block]);
    multiply_block<Tiles, kind, 0>(tiles, workspace, input, at(block + 3));
    tiles.template store<1>(workspace.dots[block + 1]);
    multiply_block<Tiles, kind, 1>(tiles, workspace, input, at(block + 4));
    tiles.template store<2>(workspace.dots[block + 2]);
    multiply_block<Tiles, kind, 2>(tiles, workspace, input, at(block + 5));
  }
  tiles.template store<0>(workspace.dots[block]);
  tiles.template store<1>(workspace.dots[block + 1]);
  tiles.template store<2>(workspace.dots[block + 2]);
}

/// To the next row. g++ would compute the places of all rows beforehand, and load each of them from the stack again.
[[gnu::always_inline]] inline void step(const float*& values, std::size_t stride) {
  values += stride;
  asm("" : "+r"(values));
}

/// acc = fma(float(dot), scale_w scale_x, acc), then acc = fma(minimum, scaled_sum, acc), for one block of all rows.
template <quant::PanelKind kind>
[[gnu::always_inline]] inline void add_block(__m512 (&sums)[k_tile_rows], const Workspace& workspace,
                                             const ActivationTile& input, std::size_t block, const std::int32_t* dots) {
  const __m512 scale = _mm512_load_ps(workspace.scales[block]);
  const float* scale_x = input.scales + block * quant::block_values(kind) / quant::k_block;
  const float* scaled_sum = input.scaled_sums + block;
#pragma GCC unroll 16
  for (std::size_t row = 0; row < k_tile_rows; ++row) {
    const __m512 dot = _mm512_cvtepi32_ps(_mm512_load_si512(dots + row * quant::k_panel_outputs));
    sums[row] = _mm512_fmadd_ps(dot, _mm512_mul_ps(scale, _mm512_set1_ps(*scale_x)), sums[row]);
    step(scale_x, input.blocks);
    if constexpr (quant::has_minimum(kind)) {
      static_assert(quant::block_values(kind) == quant::k_block);  // of which the sums are at hand
      const __m512 minimum = _mm512_load_ps(workspace.minimums[block]);
      sums[row] = _mm512_fmadd_ps(minimum, _mm512_set1_ps(*scaled_sum), sums[row]);
      step(scaled_sum, input.blocks);
    }
  }
}

/// Adds a chunk to sixteen rows of output, or begins them with it.
template <class Tiles, quant::PanelKind kind, bool is_first_chunk>
inline void add_chunk(Tiles& tiles, Workspace& workspace, const ActivationTile& input, std::size_t blocks,
                      const OutputTile& output) {
  __m512 sums[k_tile_rows];
#pragma GCC unroll 16
  for (std::size_t row = 0; row < k_tile_rows; ++row) {
    sums[row] = is_first_chunk ? _mm512_setzero_ps() : _mm512_loadu_ps(output.values + row * output.stride);
  }
  for (std::size_t first = 0; first < blocks; first += k_batch_blocks) {
    const Batch batch = {first, blocks - first < k_batch_blocks ? blocks - first : k_batch_blocks};
    multiply_batch<Tiles, kind>(tiles, workspace, input, batch);
#pragma GCC unroll 1
    for (std::size_t block = 0; block < batch.count; ++block) {
      add_block<kind>(sums, workspace, input, first + block, workspace.dots[block]);
    }
  }
#pragma GCC unroll 16
  for (std::size_t row = 0; row < k_tile_rows; ++row) {
    _mm512_storeu_ps(output.values + row * output.stride, sums[row]);
  }
}

/// The activations of sixteen rows from `row` on, beginning with block `block` of 32.
inline ActivationTile activations_at(const BlockProduct& product, std::size_t row, std::size_t block) {
  const std::size_t blocks = product.input.inner / quant::k_block;
  const std::size_t at = row * blocks + block;
  return {product.input.codes + at * quant::k_block,
          product.input.scales + at,
          product.input.scaled_sums + at,
          product.input.sums + at,
          product.input.inner,
          blocks};
}

/// One panel by `product.rows` rows, which are a multiple of sixteen.
template <class Tiles, quant::PanelKind kind>
inline void product_of_panel(Tiles& tiles, Workspace& workspace, const BlockProduct& product, std::size_t panel) {
  constexpr std::size_t values = quant::block_values(kind);
  const std::size_t blocks = product.input.inner / values;
  const std::byte* bytes = product.panels + panel * quant::panel_bytes(kind, product.input.inner);
  for (std::size_t first = 0; first < blocks; first += k_chunk_blocks) {
    const std::size_t left = blocks - first;
    const std::size_t count = left < k_chunk_blocks ? left : k_chunk_blocks;
    const std::size_t following = left - count + (product.panel_count - panel - 1) * blocks;
    const Chunk chunk = {bytes, first, count, following};
    unpack<kind>(chunk, workspace);
    tiles.written(&workspace);
    for (std::size_t row = 0; row < product.rows; row += k_tile_rows) {
      const ActivationTile input = activations_at(product, row, first * values / quant::k_block);
      const OutputTile output = {product.output + row * product.output_stride + panel * quant::k_panel_outputs,
                                 product.output_stride};
      if (first == 0) {
        add_chunk<Tiles, kind, true>(tiles, workspace, input, chunk.count, output);
      } else {
        add_chunk<Tiles, kind, false>(tiles, workspace, input, chunk.count, output);
      }
    }
  }
}

template <class Tiles, quant::PanelKind kind>
inline void product_in_tiles(const BlockProduct& product) {
  Workspace workspace;
  Tiles tiles(product_tiles(quant::block_values(kind)));
  for (std::size_t panel = 0; panel < product.panel_count; ++panel) {
    product_of_panel<Tiles, kind>(tiles, workspace, product, panel);
  }
}

/// The rows from `first` on.
inline BlockProduct rows_from(const BlockProduct& product, std::size_t first) {
  const std::size_t blocks = product.input.inner / quant::k_block;
  BlockProduct rest = product;
  rest.input.codes += first * product.input.inner;
  rest.input.scales += first * blocks;
  rest.input.scaled_sums += first * blocks;
  rest.input.sums += first * blocks;
  rest.rows -= first;
  rest.output += first * product.output_stride;
  return rest;
}

/// Rows by sixteen in tiles, those left by AVX-512; also q2_k, whose minimums need sums of sixteen activations: to make
/// them takes longer than tiles save.
template <class Tiles>
inline void block_product_of(const BlockProduct& product) {
  BlockProduct tiled = product;
  tiled.rows -= product.rows % k_tile_rows;
  switch (product.kind) {
    case quant::PanelKind::q4_minimum: product_in_tiles<Tiles, quant::PanelKind::q4_minimum>(tiled); break;
    case quant::PanelKind::q4_centered: product_in_tiles<Tiles, quant::PanelKind::q4_centered>(tiled); break;
    case quant::PanelKind::q8: product_in_tiles<Tiles, quant::PanelKind::q8>(tiled); break;
    case quant::PanelKind::q8_minimum: product_in_tiles<Tiles, quant::PanelKind::q8_minimum>(tiled); break;
    case quant::PanelKind::q4_k: product_in_tiles<Tiles, quant::PanelKind::q4_k>(tiled); break;
    case quant::PanelKind::q6_k: product_in_tiles<Tiles, quant::PanelKind::q6_k>(tiled); break;
    default: return avx512::block_product(product);
  }
  avx512::block_product(rows_from(product, tiled.rows));
}

inline void block_product(const BlockProduct& product) noexcept {
  if (product.rows < k_fewest_rows) return avx512::block_product(product);
  block_product_of<MachineTiles>(product);
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::kernels::amx
EIGENFORMER_TARGET_END
