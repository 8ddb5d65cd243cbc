#include "cli/common_options.hpp"

#include <chrono>
#include <iostream>

#include "cli/errors.hpp"
#include "cli/numbers.hpp"
#include "cli/system.hpp"
#include "cli/words.hpp"
#include "eigenformer/find_model.hpp"

namespace cli {

namespace {

/// A bar on a terminal, from the first third of a second on.
class LoadBar {
 public:
  bool operator()(std::uint64_t done, std::uint64_t total) {
    const auto now = std::chrono::steady_clock::now();
    if (total == 0 || now - last_ < std::chrono::milliseconds(300)) return true;
    last_ = now;
    shown_ = true;
    std::cerr << "\rLoading: " << done * 100 / total << " %" << std::flush;
    return true;
  }
  void clear() const {
    if (shown_) std::cerr << "\r\033[K" << std::flush;
  }

 private:
  std::chrono::steady_clock::time_point last_ = std::chrono::steady_clock::now();
  bool shown_ = false;
};

}  // namespace

void add_common_options(CLI::App& command, CommonOptions& options) {
  add_whole(command, {"--threads", "threads to compute with; one for each core if not given"}, options.threads,
            {1, 1024});
  add_whole(command, {"--seed", "the same seed gives the same text on every machine (0)"}, options.seed);
  add_words<ef::Compute>(command,
                         {.option = "--compute",
                          .known = {{"auto", ef::Compute::automatic}, {"exact", ef::Compute::exact}},
                          .later = {{"fast", "use --compute auto"}}},
                         "auto: 8-bit activations for block formats; exact: f32 activations (auto)",
                         [&options](ef::Compute compute) { options.compute = compute; });
  command
      .add_option("--isa", options.instruction_set,
                  "kernels to use: auto, scalar, avx2, avx512, amx, neon, neon_dotprod (auto)")
      ->type_name("NAME");
  add_words<ef::Weights>(
      command,
      {.option = "--weights",
       .known = {{"as-is", ef::Weights::as_is}, {"q8", ef::Weights::q8}, {"q4", ef::Weights::q4}}},
      "matrices of F32, F16 or BF16: as-is, or quantized to 8 or 4 bits while the model is loaded (as-is)",
      [&options](ef::Weights weights) { options.weights = weights; });
  add_words<ef::CacheElement>(
      command,
      {.option = "--kv",
       .known = {{"f32", ef::CacheElement::f32}, {"f16", ef::CacheElement::f16}, {"int8", ef::CacheElement::int8}}},
      "how keys and values are kept: f32, f16, or int8 in little more than half of f16's memory (f32 under --compute "
      "exact, else f16)",
      [&options](ef::CacheElement cache) { options.cache = cache; });
  command
      .add_option_function<std::string>(
          "--adapter", [](const std::string&) { refuse_not_yet("--adapter", "merge the adapter into the model"); }, "")
      ->group("");
  command.add_flag("--json", options.json, "the result as JSON");
}

CLI::Option* add_model_argument(CLI::App& command, CommonOptions& options) {
  return command.add_option("MODEL", options.model, "a Hugging Face folder, a .gguf file, or a name for models/fetch")
      ->type_name("");
}

ef::Model open_model(const CommonOptions& options) {
  LoadBar bar;
  ef::LoadOptions load;
  load.compute = options.compute;
  load.weights = options.weights;
  load.cache = options.cache;
  load.threads = options.threads;
  load.instruction_set = options.instruction_set;
  if (is_terminal(StandardStream::error)) load.progress = std::ref(bar);
  const std::filesystem::path path = ef::find_model(options.model);
  ef::Result<ef::Model> model = ef::try_load(path, load);
  bar.clear();
  ef::Model loaded = std::move(model).value();
  for (const std::string& report : loaded.info().reports) print_note("note: " + report);
  return loaded;
}

}  // namespace cli
