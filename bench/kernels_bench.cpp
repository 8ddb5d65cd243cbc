// The kernels on one thread and on two, beside what the machine can do at most (measured in the same run).
// EIGENFORMER_ISA forces an instruction set. Sizes are those of SmolLM2-135M: hidden 576, feed-forward 1536, 9 heads of
// 64 over 3.
#include <benchmark/benchmark.h>

#include <cstring>
#include <map>
#include <mutex>
#include <random>

#include "bench/machine_limits.hpp"
#include "bench/random_panels.hpp"
#include "eigenformer/core/aligned_buffer.hpp"
#include "eigenformer/kernels/select.hpp"

namespace {

namespace kernels = eigenformer::kernels;
namespace quant = eigenformer::quant;
using quant::PanelKind;

/// What the chosen kernels multiply 8-bit integers with.
bench::IntegerUnit integer_unit() {
  const bool is_amx = kernels::choose_kernels("").name == kernels::instruction_set_name(kernels::InstructionSet::amx);
  return is_amx ? bench::IntegerUnit::tiles : bench::IntegerUnit::vectors;
}

const bench::MachineLimits& limits(int threads) {
  static std::mutex mutex;
  static std::map<int, bench::MachineLimits> measured;
  const std::lock_guard lock(mutex);
  const auto found = measured.find(threads);
  return found != measured.end() ? found->second : measured[threads] = bench::measure_limits(threads, integer_unit());
}

std::vector<float> random_floats(std::size_t count) {
  std::vector<float> values(count);
  std::mt19937 engine(1);
  for (float& value : values) value = static_cast<float>(engine() % 2001) * 1e-3F - 1.0F;
  return values;
}

struct Sizes {
  PanelKind kind;
  std::size_t outputs, inner, rows;
};

/// A thread's share of the panels.
struct Share {
  Share(const benchmark::State& state, std::size_t panels)
      : first(panels * static_cast<std::size_t>(state.thread_index()) / static_cast<std::size_t>(state.threads())),
        count(panels * static_cast<std::size_t>(state.thread_index() + 1) / static_cast<std::size_t>(state.threads()) -
              first) {}
  std::size_t first, count;
};

/// One product's operands, made once and kept for all threads.
struct Operands {
  explicit Operands(const Sizes& sizes)
      : panels(bench::random_panels(sizes.kind, sizes.inner, sizes.outputs / 16)),
        input(random_floats(sizes.rows * sizes.inner)),
        output(sizes.rows * sizes.outputs),
        codes(sizes.rows * sizes.inner),
        scales(codes.size() / 32),
        scaled_sums(scales),
        sums(scales.size()) {
    kernels::choose_kernels("").quantize_rows(input.data(), sizes.inner, sizes.inner, sizes.rows, rows(sizes));
  }
  kernels::QuantizedRows rows(const Sizes& sizes) {
    return {codes.data(), scales.data(), scaled_sums.data(), sums.data(), sizes.inner};
  }
  eigenformer::AlignedBuffer panels;
  std::vector<float> input, output;
  std::vector<std::int8_t> codes;
  std::vector<float> scales, scaled_sums;
  std::vector<std::int32_t> sums;
};

Operands& operands(const Sizes& sizes) {
  static std::mutex mutex;
  static std::unique_ptr<Operands> kept;
  static Sizes kept_sizes{};
  const std::lock_guard lock(mutex);
  if (kept == nullptr || std::memcmp(&kept_sizes, &sizes, sizeof(sizes)) != 0) {
    kept.reset();
    kept = std::make_unique<Operands>(sizes);
    std::memcpy(&kept_sizes, &sizes, sizeof(sizes));
  }
  return *kept;
}

void report(benchmark::State& state, const char* unit, double per_iteration, double limit) {
  const double whole = per_iteration * static_cast<double>(state.iterations());
  state.counters[unit] = benchmark::Counter(whole * 1e-9, benchmark::Counter::kIsRate);
  state.counters["of_limit"] = benchmark::Counter(whole / limit, benchmark::Counter::kIsRate);
}

/// `exact`: f32 activations; else quantized ones.
void product(benchmark::State& state, Sizes sizes, bool exact) {
  Operands& at = operands(sizes);
  const kernels::KernelTable& table = kernels::choose_kernels("");
  const bench::MachineLimits& limit = limits(state.threads());
  const Share share(state, sizes.outputs / 16);
  const std::size_t bytes = quant::panel_bytes(sizes.kind, sizes.inner);
  const std::byte* panels = at.panels.data() + share.first * bytes;
  float* output = at.output.data() + share.first * 16;
  for (auto _ : state) {
    if (exact) {
      table.float_product({sizes.kind, panels, share.count, sizes.inner, at.input.data(), sizes.inner, sizes.rows,
                           output, sizes.outputs});
    } else {
      table.block_product({sizes.kind, panels, share.count, at.rows(sizes), sizes.rows, output, sizes.outputs});
    }
    benchmark::ClobberMemory();
  }
  if (sizes.rows == 1) return report(state, "GB/s", static_cast<double>(share.count * bytes), limit.bytes_per_second);
  const double operations = 2.0 * static_cast<double>(share.count * 16 * sizes.inner * sizes.rows);
  report(state, "Gop/s", operations, exact ? limit.float_operations_per_second : limit.integer_operations_per_second);
}

/// The keys and values of one head, stored as a model does.
class CachedHead {
 public:
  static constexpr std::size_t k_dim = 64;

  CachedHead(kernels::CacheType type, std::size_t slots)
      : memory_((slots + 31) / 32 * 2 * kernels::cache_tile_bytes(type, k_dim)) {
    const std::size_t tile_bytes = kernels::cache_tile_bytes(type, k_dim);
    const std::vector<float> floats = random_floats(slots + 2 * k_dim);
    for (std::size_t slot = 0; slot < slots; ++slot) {
      std::byte* tile = memory_.data() + slot / 32 * 2 * tile_bytes;
      if (slot % 32 == 0) keys.push_back(tile), values.push_back(tile + tile_bytes);
      const float* key = floats.data() + slot;
      kernels::choose_kernels("").store_in_cache({type, key, key + k_dim, tile, tile + tile_bytes, slot % 32, k_dim});
    }
  }
  std::vector<const std::byte*> keys, values;

 private:
  eigenformer::AlignedBuffer memory_;
};

/// Attention of `rows` rows of 9 heads over `slots` slots of 3 key heads; a task is one key head.
void attention(benchmark::State& state, kernels::CacheType type, std::size_t rows, std::size_t slots) {
  constexpr std::size_t k_head_dim = CachedHead::k_dim;
  const CachedHead cached(type, slots);
  const std::vector<float> query = random_floats(rows * 3 * k_head_dim);
  std::vector<float> output(query.size());
  eigenformer::AlignedBuffer scratch(kernels::attention_scratch_floats(k_head_dim) * sizeof(float));
  std::vector<kernels::AttentionQuery> queries;
  double products = 0;
  for (std::size_t row = 0; row < rows; ++row) {
    for (std::size_t head = 0; head < 3; ++head) {
      const auto end = static_cast<std::uint32_t>(slots - rows + row + 1);
      const std::size_t at = (row * 3 + head) * k_head_dim;
      queries.push_back({query.data() + at, output.data() + at, 0, end, nullptr, nullptr});
      products += 2.0 * k_head_dim * end;
    }
  }
  const kernels::KernelTable& table = kernels::choose_kernels("");
  const bench::MachineLimits& limit = limits(state.threads());
  for (auto _ : state) {
    table.attend({type, cached.keys.data(), cached.values.data(), k_head_dim, queries.data(), queries.size(), 0.125F,
                  0.0F, reinterpret_cast<float*>(scratch.data())});
    benchmark::ClobberMemory();
  }
  report(state, "Gop/s", 2 * products, limit.float_operations_per_second);
}

enum class RowKernel { rms_norm, quantize, silu_gated, gelu, softmax, sum_exponentials };

void row_kernel(benchmark::State& state, RowKernel kernel) {
  constexpr std::size_t k_size = 1536;
  std::vector<float> values = random_floats(k_size);
  const std::vector<float> input = values;
  std::vector<std::int8_t> codes(k_size);
  std::vector<float> scales(k_size / 32), scaled_sums(k_size / 32);
  std::vector<std::int32_t> sums(k_size / 32);
  const kernels::KernelTable& table = kernels::choose_kernels("");
  for (auto _ : state) {
    switch (kernel) {
      case RowKernel::rms_norm: table.rms_norm({input.data(), input.data(), values.data(), k_size, 1e-5F}); break;
      case RowKernel::quantize:
        table.quantize_rows(input.data(), k_size, k_size, 1,
                            {codes.data(), scales.data(), scaled_sums.data(), sums.data(), k_size});
        break;
      case RowKernel::silu_gated:
        table.activate_gated(kernels::Activation::silu, values.data(), input.data(), k_size);
        break;
      case RowKernel::gelu: table.activate(kernels::Activation::gelu, values.data(), k_size); break;
      case RowKernel::softmax: table.softmax(values.data(), k_size); break;
      case RowKernel::sum_exponentials: benchmark::DoNotOptimize(table.sum_exponentials(values.data(), k_size)); break;
    }
    benchmark::ClobberMemory();
  }
  state.counters["Gelement/s"] =
      benchmark::Counter(1e-9 * k_size * static_cast<double>(state.iterations()), benchmark::Counter::kIsRate);
}

template <class... Arguments>
void add(const std::string& name, void (*run)(benchmark::State&, Arguments...),
         std::type_identity_t<Arguments>... arguments) {
  benchmark::RegisterBenchmark(name.c_str(), [=](benchmark::State& state) { run(state, arguments...); })
      ->Threads(1)
      ->Threads(2)
      ->UseRealTime();
}

void add_products() {
  struct Named {
    const char* name;
    PanelKind kind;
  };
  for (const auto& [name, kind] :
       {Named{"q4_minimum", PanelKind::q4_minimum}, Named{"q4_centered", PanelKind::q4_centered},
        Named{"q8", PanelKind::q8}, Named{"q8_minimum", PanelKind::q8_minimum}, Named{"q4_k", PanelKind::q4_k},
        Named{"q6_k", PanelKind::q6_k}, Named{"q2_k", PanelKind::q2_k}}) {
    const std::size_t hidden = quant::superblock_blocks(kind) == 1 ? 576 : 512;  // of whole superblocks
    const std::string width = std::to_string(hidden);
    add(std::string("decode/") + name, product, Sizes{kind, 196608, hidden, 1}, false);
    add(std::string("prefill/") + name + "/" + width + "x1536", product, Sizes{kind, 1536, hidden, 128}, false);
    add(std::string("prefill/") + name + "/1536x" + width, product, Sizes{kind, hidden, 1536, 128}, false);
    add(std::string("exact/") + name, product, Sizes{kind, 1536, hidden, 126}, true);
  }
  for (const auto& [name, kind] :
       {Named{"f32", PanelKind::f32}, Named{"f16", PanelKind::f16}, Named{"bf16", PanelKind::bf16}}) {
    add(std::string("decode/") + name, product, Sizes{kind, 98304, 576, 1}, true);
    add(std::string("prefill/") + name + "/576x1536", product, Sizes{kind, 1536, 576, 126}, true);
    add(std::string("prefill/") + name + "/1536x576", product, Sizes{kind, 576, 1536, 126}, true);
  }
}

void add_attention() {
  struct Named {
    const char* name;
    kernels::CacheType type;
  };
  for (const auto& [name, type] : {Named{"f32", kernels::CacheType::f32}, Named{"f16", kernels::CacheType::f16},
                                   Named{"int8", kernels::CacheType::int8}}) {
    const std::string start = std::string("attention/") + name;
    add(start + "/decode_512", attention, type, 1, 512);
    add(start + "/decode_8000", attention, type, 1, 8000);
    add(start + "/prefill_512", attention, type, 512, 512);
  }
}

}  // namespace

int main(int argc, char** argv) {
  for (const int threads : {1, 2}) {
    const bench::MachineLimits& limit = limits(threads);
    benchmark::AddCustomContext("limits_" + std::to_string(threads) + "_threads",
                                std::to_string(limit.bytes_per_second * 1e-9) + " GB/s, " +
                                    std::to_string(limit.float_operations_per_second * 1e-9) + " GFLOPS, " +
                                    std::to_string(limit.integer_operations_per_second * 1e-9) + " Gop/s int8");
  }
  benchmark::AddCustomContext("kernels", kernels::choose_kernels("").name);
  add_products();
  add_attention();
  add("rows/rms_norm", row_kernel, RowKernel::rms_norm);
  add("rows/quantize", row_kernel, RowKernel::quantize);
  add("rows/silu_gated", row_kernel, RowKernel::silu_gated);
  add("rows/gelu", row_kernel, RowKernel::gelu);
  add("rows/softmax", row_kernel, RowKernel::softmax);
  add("rows/sum_exponentials", row_kernel, RowKernel::sum_exponentials);
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
}
