// What every command takes, and the model that it opens with that.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <string>

#include "eigenformer/model.hpp"

namespace cli {

namespace ef = eigenformer;

/// What a command does once the whole command line has been read.
using Action = std::function<void()>;

struct CommonOptions {
  std::string model;
  unsigned threads = 0;
  std::uint64_t seed = 0;
  ef::Compute compute = ef::Compute::automatic;
  ef::Weights weights = ef::Weights::as_is;
  ef::CacheElement cache = ef::CacheElement::automatic;
  std::string instruction_set;
  bool json = false;
};

/// Adds --threads, --seed, --compute, --isa, --weights, --kv, --adapter and --json.
void add_common_options(CLI::App& command, CommonOptions& options);

/// Adds the argument MODEL.
CLI::Option* add_model_argument(CLI::App& command, CommonOptions& options);

/// Finds and loads the model; a bar on standard error where that is a terminal and the load takes its time.
ef::Model open_model(const CommonOptions& options);

}  // namespace cli
