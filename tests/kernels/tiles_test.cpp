// The integers and the edges of the products of AMX on machines that lack it: tiles in plain C++. Where the machine has
// tiles, its instructions do what the plain C++ does, and a host's configuration of them is left as it was.
#include <algorithm>
#include <array>

#include "eigenformer/kernels/amx/tile_layout.hpp"
#include "eigenformer/kernels/panel_access.hpp"
#include "eigenformer/kernels/target.hpp"
#include "tests/kernels/support.hpp"

namespace {

using namespace kernel_tests;
namespace amx = kernels::amx;

/// A tile register: what of a row lies beyond its configured bytes is 0.
using Tile = std::array<std::array<std::uint8_t, 64>, 16>;

/// tdpbssd and tdpbsud: four signed bytes times four bytes, added to 32 bits without saturation. Summed in 64 bits, so
/// that an overflow could be seen.
template <bool has_unsigned_weights>
void multiply_tiles(const amx::TileConfiguration& shapes, int dots_tile, const std::array<Tile, 8>& tiles,
                    std::int64_t (&dots)[16][16]) {
  const Tile& activations = tiles[amx::k_activation_tile];
  const Tile& weights = tiles[amx::k_weight_tile];
  for (std::size_t row = 0; row < shapes.rows[dots_tile]; ++row) {
    for (std::size_t group = 0; group < shapes.row_bytes[amx::k_activation_tile] / 4U; ++group) {
      for (std::size_t output = 0; output < shapes.row_bytes[dots_tile] / 4U; ++output) {
        for (std::size_t i = 0; i < 4; ++i) {
          const auto activation = static_cast<std::int8_t>(activations[row][4 * group + i]);
          const std::uint8_t byte = weights[group][4 * output + i];
          dots[row][output] += activation * (has_unsigned_weights ? int{byte} : int{static_cast<std::int8_t>(byte)});
        }
      }
    }
  }
}

/// Eight tile registers in plain C++, in the place of amx::MachineTiles.
class PlainTiles {
 public:
  explicit PlainTiles(const amx::TileConfiguration& shapes) : shapes_(shapes) {}

  static void written(const void*) {}

  template <int tile, bool has_unsigned_weights>
  void multiply(const std::int8_t* activations, std::size_t row_stride, const std::byte* weights) {
    load(amx::k_activation_tile, activations, row_stride);
    load(amx::k_weight_tile, weights, amx::k_tile_row_bytes);
    std::int64_t dots[16][16] = {};
    multiply_tiles<has_unsigned_weights>(shapes_, tile, tiles_, dots);
    for (std::size_t row = 0; row < 16; ++row) {
      for (std::size_t output = 0; output < 16; ++output) {
        const auto dot = static_cast<std::int32_t>(dots[row][output]);
        EXPECT_EQ(dot, dots[row][output]);
        std::memcpy(tiles_[tile][row].data() + 4 * output, &dot, 4);
      }
    }
  }

  template <int tile>
  void store(std::int32_t* dots) const {
    for (std::size_t row = 0; row < shapes_.rows[tile]; ++row) {
      std::memcpy(dots + 16 * row, tiles_[tile][row].data(), shapes_.row_bytes[tile]);
    }
  }

 private:
  void load(int tile, const void* memory, std::size_t stride) {
    tiles_[tile] = {};
    for (std::size_t row = 0; row < shapes_.rows[tile]; ++row) {
      const auto* bytes = static_cast<const std::byte*>(memory) + row * stride;
      std::memcpy(tiles_[tile][row].data(), bytes, shapes_.row_bytes[tile]);
    }
  }

  amx::TileConfiguration shapes_;
  std::array<Tile, 8> tiles_ = {};
};

/// A block's codes as a tile of weights, code by code.
std::vector<std::byte> weight_tile(const kernels::scalar::PanelBlock& block) {
  std::vector<std::byte> tile(amx::k_weight_tile_bytes);
  for (std::size_t k = 0; k < layout_of(block.kind()).values; ++k) {
    for (std::size_t output = 0; output < 16; ++output) {
      tile[k / 4 * 64 + output * 4 + k % 4] =
          static_cast<std::byte>(block.code(k, output) - amx::code_offset(block.kind()));
    }
  }
  return tile;
}

std::int64_t meant_dot(const Matrix& matrix, std::size_t output, const std::int8_t* activations) {
  std::int64_t dot = 0;
  for (std::size_t k = 0; k < layout_of(matrix.kind).values; ++k) {
    const int code = matrix.codes[output * matrix.inner + k];
    dot += std::int64_t{matrix.kind == PanelKind::q4_centered ? code - 8 : code} * activations[k];
  }
  return dot;
}

std::vector<std::int8_t> random_activations(std::size_t count, Random& random) {
  std::vector<std::int8_t> codes(count);
  for (std::int8_t& code : codes) {
    const int end = random.between(0, 1) == 0 ? -127 : 127;
    code = static_cast<std::int8_t>(random.between(0, 2) == 0 ? end : random.between(-127, 127));
  }
  return codes;
}

TEST(Tiles, PlainOnesGiveTheDotsOfWhatTheCodesMean) {
  Random random(1);
  constexpr std::size_t stride = 96;
  for (const PanelKind kind : k_block_kinds) {
    for (int round = 0; round < 20; ++round) {
      Matrix matrix = random_matrix(kind, 16, fitting(kind, 32), random);
      const std::vector<std::int8_t> activations = random_activations(16 * stride, random);
      const std::vector<std::byte> weights = weight_tile({kind, matrix.panels.data()});
      PlainTiles tiles(amx::product_tiles(layout_of(kind).values));
      std::int32_t dots[256];
      if (amx::has_unsigned_codes(kind)) {
        tiles.multiply<1, true>(activations.data(), stride, weights.data());
      } else {
        tiles.multiply<1, false>(activations.data(), stride, weights.data());
      }
      tiles.store<1>(dots);
      for (std::size_t row = 0; row < 16; ++row) {
        for (std::size_t output = 0; output < 16; ++output) {
          ASSERT_EQ(dots[16 * row + output], meant_dot(matrix, output, activations.data() + row * stride))
              << quant::panel_kind_name(kind);
        }
      }
    }
  }
}

}  // namespace

#if defined(__x86_64__) && defined(__linux__)
#include "eigenformer/kernels/amx/block_product.hpp"

namespace {

/// Shapes at the edges: rows, blocks and panels that are not multiples of what the kernel takes at a time.
template <class Product>
void compare_with_truth(const Product& product) {
  Random random(2);
  for (const PanelKind kind : k_block_kinds) {
    for (const std::size_t least : {1U, 2U, 3U, 4U, 8U, 9U, 10U, 17U, 36U, 37U, 75U}) {
      for (const std::size_t rows : {16U, 17U, 32U, 47U}) {
        const std::size_t panels = 1 + least % 2;
        const std::size_t inner = fitting(kind, 32 * least);
        const std::size_t blocks = inner / 32;
        Matrix matrix = random_matrix(kind, 16 * panels - 3, inner, random, Draw::wild);
        std::vector<std::int8_t> codes = random_activations(rows * inner, random);
        std::vector<float> scales = random.values(rows * blocks);
        std::vector<float> scaled_sums = random.values(rows * blocks);
        std::vector<std::int32_t> sums(rows * blocks);
        for (std::size_t at = 0; at < sums.size(); ++at) {
          for (std::size_t k = 0; k < 32; ++k) sums[at] += codes[32 * at + k];
        }
        MisalignedFloats expected(rows * (16 * panels + 3));
        MisalignedFloats result(expected.size());
        kernels::BlockProduct task{
            kind,           matrix.panels.data(),
            panels,         {codes.data(), scales.data(), scaled_sums.data(), sums.data(), inner},
            rows,           expected.data(),
            16 * panels + 3};
        kernels::k_scalar_table.block_product(task);
        task.output = result.data();
        product(task);
        ASSERT_TRUE(same_bits(result.data(), expected.data(), expected.size()))
            << quant::panel_kind_name(kind) << " blocks " << blocks << " rows " << rows;
      }
    }
  }
}

TEST(Tiles, TheKernelOnPlainTilesEqualsTheScalarTruth) {
  if (!kernels::machine_has(kernels::InstructionSet::avx512)) GTEST_SKIP() << "the sums need AVX-512";
  compare_with_truth(amx::block_product_of<PlainTiles>);
}

TEST(Tiles, TheKernelOnTheMachinesTilesEqualsTheScalarTruth) {
  if (!kernels::machine_has(kernels::InstructionSet::amx)) GTEST_SKIP() << "this machine lacks AMX";
  compare_with_truth(amx::block_product_of<amx::MachineTiles>);
}

/// The tiles of a host: two of other shapes than ours.
amx::TileConfiguration host_tiles() {
  amx::TileConfiguration tiles;
  tiles.palette = 1;
  tiles.rows[0] = 5;
  tiles.row_bytes[0] = 12;
  tiles.rows[7] = 16;
  tiles.row_bytes[7] = 64;
  return tiles;
}

void multiply_something() {
  Random random(3);
  Matrix matrix = random_matrix(PanelKind::q8, 16, 64, random);
  std::vector<std::int8_t> codes = random_activations(32 * 64, random);
  std::vector<float> scales(64, 1.0F), scaled_sums(64), output(32 * 16);
  std::vector<std::int32_t> sums(64);
  kernels::kernel_table(kernels::InstructionSet::amx)
      .block_product({PanelKind::q8,
                      matrix.panels.data(),
                      1,
                      {codes.data(), scales.data(), scaled_sums.data(), sums.data(), 64},
                      32,
                      output.data(),
                      16});
  EXPECT_TRUE(std::any_of(output.begin(), output.end(), [](float value) { return value != 0; }));
}

bool same_tiles(const amx::TileConfiguration& left, const amx::TileConfiguration& right) {
  return std::memcmp(&left, &right, sizeof(left)) == 0;
}

TEST(Tiles, AHostsConfigurationIsLeftAsItWas) {
  if (!kernels::machine_has(kernels::InstructionSet::amx)) GTEST_SKIP() << "this machine lacks AMX";
  multiply_something();
  EXPECT_TRUE(same_tiles(amx::stored_configuration(), {}));
  amx::load_configuration(host_tiles());
  multiply_something();
  const amx::TileConfiguration after = amx::stored_configuration();
  amx::load_configuration({});  // palette 0: none
  EXPECT_TRUE(same_tiles(after, host_tiles()));
}

}  // namespace
#endif
