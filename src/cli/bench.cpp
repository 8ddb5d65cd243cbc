// eigenformer bench MODEL: prefill, decode and batched decode, beside what the machine allows.
#include <chrono>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/benchmark.hpp"
#include "cli/commands.hpp"
#include "cli/machine_limits.hpp"
#include "cli/numbers.hpp"
#include "cli/output.hpp"
#include "cli/system.hpp"
#include "eigenformer/forward.hpp"
#include "eigenformer/model_state.hpp"

namespace cli {

using nlohmann::ordered_json;

namespace {

struct BenchOptions {
  CommonOptions common;
  BenchmarkPlan plan;
};

/// What a run found out.
struct BenchReport {
  ef::ModelInfo info;
  double load_seconds = 0;
  double first_token_seconds = 0;  ///< from the beginning of the load
  double resident_bytes = 0;
  MachineLimits limits;
  std::vector<BenchmarkResult> results;
};

BenchReport measure(const BenchOptions& options) {
  using Clock = std::chrono::steady_clock;
  const auto seconds_since = [](Clock::time_point begin) {
    return std::chrono::duration<double>(Clock::now() - begin).count();
  };
  BenchReport report;
  const Clock::time_point begin = Clock::now();
  const ef::Model model = open_model(options.common);
  report.load_seconds = seconds_since(begin);
  ef::token_log_probabilities(model, std::vector<ef::TokenId>{0});
  report.first_token_seconds = seconds_since(begin);
  report.resident_bytes = resident_bytes();
  report.info = model.info();
  report.results = run_benchmark(model, options.plan);
  report.limits = measure_limits(*model.state().kernels, model.info().threads);
  return report;
}

void print_json(const BenchReport& report) {
  ordered_json results = ordered_json::array();
  for (const BenchmarkResult& result : report.results) {
    results.push_back(
        {{"test", result.test},
         {"tokens", result.tokens},
         {"batch", result.batch},
         {"depth", result.depth},
         {"tokens_per_second", {{"min", result.minimum()}, {"median", result.median()}, {"max", result.maximum()}}}});
  }
  write_json({{"model", report.info.source},
              {"isa", report.info.instruction_set},
              {"threads", report.info.threads},
              {"load_seconds", report.load_seconds},
              {"first_token_seconds", report.first_token_seconds},
              {"resident_bytes", static_cast<std::uint64_t>(report.resident_bytes)},
              {"limits",
               {{"read_gb_s", report.limits.read_gb_s},
                {"f32_gflops", report.limits.f32_gflops},
                {"int8_gops", report.limits.int8_gops}}},
              {"results", results}});
}

std::string padded(const std::string& text, std::size_t width) {
  return text.size() < width ? std::string(width - text.size(), ' ') + text : text;
}

/// A step of decoding reads every weight once: the share of the machine's read bandwidth that this is.
std::string bandwidth_share(const BenchReport& report, const BenchmarkResult& result) {
  if (result.test != "decode") return "";
  const double steps_per_second = result.median() / static_cast<double>(result.batch);
  const double gb_s = steps_per_second * static_cast<double>(report.info.weight_bytes) / 1e9;
  return fixed(100 * gb_s / report.limits.read_gb_s, 0) + " %";
}

void print_table(const BenchReport& report) {
  write_line(report.info.source + ": " + report.info.architecture + ", " + report.info.weight_types + ", " +
             bytes_text(static_cast<double>(report.info.weight_bytes)));
  write_line(report.info.instruction_set + ", " + std::to_string(report.info.threads) +
             " threads; load to first token " + fixed(report.first_token_seconds, 3) + " s, resident " +
             bytes_text(report.resident_bytes));
  write_line("this machine: reads " + fixed(report.limits.read_gb_s, 1) + " GB/s, f32 " +
             fixed(report.limits.f32_gflops, 0) + " GFLOPS, int8 " + fixed(report.limits.int8_gops, 0) + " Gop/s");
  write_line("");
  write_line("test     tokens  batch  depth  tokens/s: min     median        max  of read bandwidth");
  for (const BenchmarkResult& result : report.results) {
    std::string test = result.test;
    test.resize(7, ' ');
    write_line(test + padded(std::to_string(result.tokens), 8) + padded(std::to_string(result.batch), 7) +
               padded(std::to_string(result.depth), 7) + padded(fixed(result.minimum(), 1), 15) +
               padded(fixed(result.median(), 1), 11) + padded(fixed(result.maximum(), 1), 11) +
               padded(bandwidth_share(report, result), 19));
  }
}

void bench(const BenchOptions& options) {
  const BenchReport report = measure(options);
  if (options.common.json) return print_json(report);
  print_table(report);
}

}  // namespace

void add_bench(CLI::App& app, Action& action) {
  const auto options = std::make_shared<BenchOptions>();
  CLI::App* command = app.add_subcommand("bench", "how fast it is here, beside what the machine allows");
  add_model_argument(*command, options->common)->required();
  BenchmarkPlan& plan = options->plan;
  add_whole(*command, {"-p,--prompt-tokens", "tokens of the prefill test; 0: none (512)"}, plan.prompt_tokens,
            {0, 1ULL << 20});
  add_whole(*command, {"-n,--new-tokens", "tokens of the decode tests; 0: none (64)"}, plan.new_tokens,
            {0, 1ULL << 20});
  const auto read_batches = [options](const std::string& text) {
    const std::vector<std::uint64_t> batches = parse_whole_list("--batches", text, {1, 4096});
    options->plan.batches.assign(batches.begin(), batches.end());
  };
  command->add_option_function<std::string>("-b,--batches", read_batches, "sequences at once (1,8,32)")
      ->type_name("N,N");
  const auto read_depths = [options](const std::string& text) {
    const std::vector<std::uint64_t> depths = parse_whole_list("--depths", text, {0, 1ULL << 20});
    options->plan.depths.assign(depths.begin(), depths.end());
  };
  command
      ->add_option_function<std::string>("-d,--depths", read_depths,
                                         "tokens that each sequence has behind it when a test begins (0)")
      ->type_name("N,N");
  add_whole(*command, {"-r,--repetitions", "of each test (3)"}, plan.repetitions, {1, 1000});
  add_common_options(*command, options->common);
  command->callback([options, &action] { action = [options] { bench(*options); }; });
}

}  // namespace cli
