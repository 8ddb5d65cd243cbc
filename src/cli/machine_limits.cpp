#include "cli/machine_limits.hpp"

#include <algorithm>
#include <barrier>
#include <chrono>
#include <cstdint>
#include <numeric>
#include <thread>
#include <vector>

#include "eigenformer/quant/panel.hpp"

namespace cli {

namespace kernels = eigenformer::kernels;
namespace quant = eigenformer::quant;

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds k_measuring_time(500);

/// Runs `make(thread)()` again and again on every thread for the measuring time; the sum of the units it returns, a
/// second.
template <class Make>
double units_per_second(unsigned threads, Make&& make) {
  std::vector<double> rates(threads);
  std::barrier start(threads);
  const auto measure = [&](unsigned thread) {
    auto work = make(thread);
    work();  // touches the memory
    start.arrive_and_wait();
    const Clock::time_point begin = Clock::now();
    double units = 0;
    std::chrono::duration<double> elapsed{};
    do {
      units += work();
      elapsed = Clock::now() - begin;
    } while (elapsed < k_measuring_time);
    rates[thread] = units / elapsed.count();
  };
  std::vector<std::jthread> others;
  for (unsigned thread = 1; thread < threads; ++thread) others.emplace_back(measure, thread);
  measure(0);
  others.clear();  // joins
  return std::accumulate(rates.begin(), rates.end(), 0.0);
}

/// Bytes of one pass over memory that is larger than any cache; several sums, so that no addition waits for another.
auto make_reader(unsigned) {
  constexpr std::size_t bytes = std::size_t{96} << 20U;
  return [memory = std::vector<std::uint64_t>(bytes / 8, 1), sink = std::uint64_t{0}]() mutable {
    std::uint64_t sums[8] = {};
    for (std::size_t index = 0; index + 8 <= memory.size(); index += 8) {
      for (std::size_t lane = 0; lane < 8; ++lane) sums[lane] += memory[index + lane];
    }
    sink += std::accumulate(std::begin(sums), std::end(sums), std::uint64_t{0});
    memory[0] = sink;  // so that the sums are needed
    return static_cast<double>(bytes);
  };
}

/// A product of such a size that its operands stay in a core's own cache.
constexpr std::size_t k_rows = 48;
constexpr std::size_t k_inner = 256;
constexpr std::size_t k_panels = 16;
constexpr std::size_t k_outputs = k_panels * quant::k_panel_outputs;
constexpr double k_operations = 2.0 * k_rows * k_inner * k_outputs;

auto make_float_product(const kernels::KernelTable& table) {
  return [&table, input = std::vector<float>(k_rows * k_inner, 0.5F),
          weights = std::vector<float>(k_inner * k_outputs, 0.5F),
          output = std::vector<float>(k_rows * k_outputs)]() mutable {
    table.float_product({.kind = quant::PanelKind::f32,
                         .panels = reinterpret_cast<const std::byte*>(weights.data()),
                         .panel_count = k_panels,
                         .inner = k_inner,
                         .input = input.data(),
                         .input_stride = k_inner,
                         .rows = k_rows,
                         .output = output.data(),
                         .output_stride = k_outputs});
    return k_operations;
  };
}

auto make_block_product(const kernels::KernelTable& table) {
  constexpr std::size_t blocks = k_inner / quant::k_block;
  return [&table, codes = std::vector<std::int8_t>(k_rows * k_inner, 3),
          scales = std::vector<float>(k_rows * blocks, 1.0F), scaled_sums = std::vector<float>(k_rows * blocks, 96.0F),
          sums = std::vector<std::int32_t>(k_rows * blocks, 96),
          weights = std::vector<std::byte>(k_panels * quant::panel_bytes(quant::PanelKind::q8, k_inner), std::byte{1}),
          output = std::vector<float>(k_rows * k_outputs)]() mutable {
    table.block_product({.kind = quant::PanelKind::q8,
                         .panels = weights.data(),
                         .panel_count = k_panels,
                         .input = kernels::QuantizedRows{.codes = codes.data(),
                                                         .scales = scales.data(),
                                                         .scaled_sums = scaled_sums.data(),
                                                         .sums = sums.data(),
                                                         .inner = k_inner},
                         .rows = k_rows,
                         .output = output.data(),
                         .output_stride = k_outputs});
    return k_operations;
  };
}

}  // namespace

MachineLimits measure_limits(const kernels::KernelTable& table, unsigned threads) {
  return {.read_gb_s = units_per_second(threads, make_reader) / 1e9,
          .f32_gflops = units_per_second(threads, [&](unsigned) { return make_float_product(table); }) / 1e9,
          .int8_gops = units_per_second(threads, [&](unsigned) { return make_block_product(table); }) / 1e9};
}

}  // namespace cli
