#include "c_api/load_options.hpp"

#include <algorithm>
#include <string>
#include <thread>

#include "c_api/structure.hpp"
#include "c_api/value.hpp"

namespace eigenformer::c_api {

namespace {

/// More threads than any machine has cores: what is above is a mistake.
constexpr std::uint64_t k_most_threads = 65536;

unsigned threads_of(std::uint64_t threads) {
  if (threads >= 1 && threads <= k_most_threads) return static_cast<unsigned>(threads);
  throw UsageError({.id = "usage.option_range",
                    .expected = "1 to " + std::to_string(k_most_threads),
                    .found = std::to_string(threads),
                    .where = "threads",
                    .remedy = "use a value in that range"});
}

}  // namespace

eigenformer_load_options default_load_options() {
  eigenformer_load_options options{};
  options.size = sizeof options;
  options.threads = std::max(1U, std::thread::hardware_concurrency());
  return options;
}

LoadOptions load_options(const eigenformer_load_options* given) {
  const eigenformer_load_options options = read_structure(given, default_load_options());
  LoadOptions result{.compute = constant_of<Compute>({options.compute, 2, "compute"}),
                     .weights = constant_of<Weights>({options.weights, 3, "weights"}),
                     .cache = constant_of<CacheElement>({options.cache, 4, "cache"}),
                     .unknown_keys = constant_of<UnknownConfigKeys>({options.unknown_keys, 2, "unknown_keys"}),
                     .threads = threads_of(options.threads),
                     .instruction_set = options.instruction_set == nullptr ? "" : options.instruction_set};
  if (options.progress != nullptr) {
    result.progress = [callback = options.progress, context = options.progress_context](std::uint64_t done,
                                                                                        std::uint64_t total) {
      return callback(context, done, total) != EIGENFORMER_STOP;
    };
  }
  return result;
}

}  // namespace eigenformer::c_api
