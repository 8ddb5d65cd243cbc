// product_pairs SET_A SET_B ROUNDS: products of prefill by the kernels of two instruction sets, in turn within
// milliseconds on one thread, so that other work on the machine slows both alike. Prints, for each kind, shape and
// count of rows, the best speed of both in processor time, and the ratios A's time / B's time of the rounds.
#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <iomanip>
#include <iostream>
#include <random>
#include <vector>

#include "bench/random_panels.hpp"
#include "eigenformer/core/aligned_buffer.hpp"
#include "eigenformer/error.hpp"
#include "eigenformer/kernels/select.hpp"

namespace {

namespace kernels = eigenformer::kernels;
namespace quant = eigenformer::quant;

struct Shape {
  quant::PanelKind kind;
  std::size_t inner, outputs, rows;
};

/// Panels, rows of activations, room for the result.
class Product {
 public:
  explicit Product(const Shape& shape)
      : shape_(shape),
        panels_(bench::random_panels(shape.kind, shape.inner, quant::panel_count(shape.outputs))),
        codes_(shape.rows * shape.inner),
        scales_(codes_.size() / quant::k_block),
        scaled_sums_(scales_.size()),
        sums_(scales_.size()),
        output_(shape.rows * shape.outputs) {
    std::mt19937 engine(1);
    std::vector<float> input(codes_.size());
    for (float& value : input) value = static_cast<float>(engine() % 2001) * 1e-3F - 1.0F;
    kernels::kernel_table(kernels::InstructionSet::scalar)
        .quantize_rows(input.data(), shape.inner, shape.inner, shape.rows, rows_from(0));
  }

  double operations() const { return 2.0 * static_cast<double>(shape_.rows * shape_.inner * shape_.outputs); }

  /// Sixty-four rows at a time, as a model's products do.
  void run(const kernels::KernelTable& table) {
    constexpr std::size_t k_row_block = 64;
    for (std::size_t row = 0; row < shape_.rows; row += k_row_block) {
      table.block_product({shape_.kind, panels_.data(), quant::panel_count(shape_.outputs), rows_from(row),
                           std::min(k_row_block, shape_.rows - row), output_.data() + row * shape_.outputs,
                           shape_.outputs});
    }
  }

 private:
  kernels::QuantizedRows rows_from(std::size_t row) {
    const std::size_t block = row * shape_.inner / quant::k_block;
    return {codes_.data() + row * shape_.inner, scales_.data() + block, scaled_sums_.data() + block,
            sums_.data() + block, shape_.inner};
  }

  Shape shape_;
  eigenformer::AlignedBuffer panels_;
  std::vector<std::int8_t> codes_;
  std::vector<float> scales_, scaled_sums_;
  std::vector<std::int32_t> sums_;
  std::vector<float> output_;
};

/// Processor time of a few products, for one of them.
double seconds_of(Product& product, const kernels::KernelTable& table) {
  const int times = 1 + static_cast<int>(3e7 / product.operations());
  const std::clock_t begin = std::clock();
  for (int time = 0; time < times; ++time) product.run(table);
  return static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC / times;
}

void compare(const Shape& shape, const kernels::KernelTable& a, const kernels::KernelTable& b, std::size_t rounds) {
  Product product(shape);
  product.run(a);
  product.run(b);
  double best_a = 1e9, best_b = 1e9;
  std::vector<double> ratios;
  for (std::size_t round = 0; round < rounds; ++round) {
    const double seconds_a = seconds_of(product, a);
    const double seconds_b = seconds_of(product, b);
    best_a = std::min(best_a, seconds_a);
    best_b = std::min(best_b, seconds_b);
    ratios.push_back(seconds_a / seconds_b);
  }
  std::sort(ratios.begin(), ratios.end());
  std::cout << quant::panel_kind_name(shape.kind) << ", " << shape.inner << "x" << shape.outputs << ", " << shape.rows
            << " rows: " << a.name << " " << std::setprecision(0) << product.operations() / best_a * 1e-9 << ", "
            << b.name << " " << product.operations() / best_b * 1e-9 << " Gop/s; ratio " << std::setprecision(2)
            << ratios[rounds / 2] << ", of the middle half " << ratios[rounds / 4] << " to " << ratios[3 * rounds / 4]
            << std::endl;
}

void compare_all(const kernels::KernelTable& a, const kernels::KernelTable& b, std::size_t rounds) {
  for (const auto kind :
       {quant::PanelKind::q4_minimum, quant::PanelKind::q4_centered, quant::PanelKind::q8, quant::PanelKind::q8_minimum,
        quant::PanelKind::q4_k, quant::PanelKind::q6_k, quant::PanelKind::q2_k}) {
    const std::size_t hidden = quant::superblock_blocks(kind) == 1 ? 576 : 512;  // of whole superblocks
    for (const std::size_t rows : {24U, 32U, 128U, 512U}) {
      compare({kind, hidden, hidden, rows}, a, b, rounds);
      compare({kind, hidden, 1536, rows}, a, b, rounds);
      compare({kind, 1536, hidden, rows}, a, b, rounds);
      compare({kind, 2048, 5632, rows}, a, b, rounds);
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    std::cerr << "product_pairs SET_A SET_B ROUNDS\n";
    return 2;
  }
  std::cout << std::fixed;
  try {
    compare_all(kernels::choose_kernels(argv[1]), kernels::choose_kernels(argv[2]),
                std::max<std::size_t>(1, std::strtoul(argv[3], nullptr, 10)));
  } catch (const eigenformer::Error& error) {
    std::cerr << error.what() << "\n";
    return 2;
  }
}
