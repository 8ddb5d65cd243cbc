// What `eigenformer bench` does not measure, for bench/compare.py: embeddings, translations, and decoding behind a long
// prompt, from tokens to result.
//
//     task_rounds MODEL THREADS as-is|q8|q4
//
// Each line of standard input is a piece of work as JSON, each answer a line: {"seconds": ..., "result": ...}. The
// work:
//
//     {"work": "embed", "texts": [[id, ...], ...]}                           result: a vector of length 1 for each text
//     {"work": "translate", "sources": [[id, ...], ...], "beams": 4, "new_tokens": 32, "banned": [id, ...]}
//                                                                            result: the ids of each translation
//     {"work": "continue", "prompt": [id, ...], "new_tokens": 16}            result: seconds of the prompt, of the rest
//
// What fails is answered by {"error": ...}, and the program goes on.
#include <algorithm>
#include <chrono>
#include <exception>
#include <iostream>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "eigenformer/generate/sequence.hpp"
#include "eigenformer/model.hpp"
#include "eigenformer/scheduler.hpp"
#include "eigenformer/tasks/pool_rows.hpp"
#include "eigenformer/tasks/text_batch.hpp"

namespace {

namespace ef = eigenformer;
using Clock = std::chrono::steady_clock;
using Ids = std::vector<ef::TokenId>;
using nlohmann::json;

double seconds_since(Clock::time_point begin) { return std::chrono::duration<double>(Clock::now() - begin).count(); }

ef::Weights weights_named(std::string_view name) {
  if (name == "as-is") return ef::Weights::as_is;
  if (name == "q8") return ef::Weights::q8;
  if (name == "q4") return ef::Weights::q4;
  throw std::invalid_argument("expected as-is, q8 or q4 for the weights, found " + std::string(name));
}

/// As ef::embed does from the tokens on.
json embed(const ef::Model& model, const json& work) {
  const auto texts = work.at("texts").get<std::vector<Ids>>();
  const std::vector<ef::tasks::TextInput> inputs = [&] {
    std::vector<ef::tasks::TextInput> all;
    for (const Ids& ids : texts) all.push_back({.ids = ids});
    return all;
  }();
  std::vector<std::vector<float>> vectors;
  const Clock::time_point begin = Clock::now();
  ef::tasks::run_texts(model, inputs, {.outputs = {"last_hidden_state"}}, [&](const ef::tasks::TextOutputs& outputs) {
    vectors.push_back(ef::tasks::pool_rows(ef::Pooling::mean, outputs["last_hidden_state"], 0));
    ef::tasks::normalize_length(vectors.back());
  });
  const double seconds = seconds_since(begin);
  return {{"seconds", seconds}, {"result", vectors}};
}

/// All sources side by side, as requests of one scheduler.
json translate(const ef::Model& model, const json& work) {
  const auto sources = work.at("sources").get<std::vector<Ids>>();
  ef::GenerateOptions options;
  options.max_new_tokens = work.at("new_tokens").get<std::size_t>();
  options.num_beams = work.at("beams").get<std::size_t>();
  options.suppress_tokens = work.at("banned").get<Ids>();
  std::vector<ef::Request> requests;
  const Clock::time_point begin = Clock::now();
  ef::Scheduler scheduler(model, {.rows_per_step = 1024});
  for (const Ids& source : sources) requests.push_back(scheduler.submit(source, options));
  scheduler.run();
  const double seconds = seconds_since(begin);
  std::vector<Ids> written;
  for (const ef::Request& request : requests) written.push_back(request.result().value().at(0).ids);
  return {{"seconds", seconds}, {"result", written}};
}

ef::TokenId likeliest(std::span<const float> logits) {
  return static_cast<ef::TokenId>(std::max_element(logits.begin(), logits.end()) - logits.begin());
}

/// The first new token counts as the prompt's.
json continue_prompt(const ef::Model& model, const json& work) {
  const auto new_tokens = work.at("new_tokens").get<std::size_t>();
  const Clock::time_point begin = Clock::now();
  ef::generation::Forward forward(model.state());
  ef::generation::Sequence sequence{ef::nn::KvCache(model.state().cache_layout), work.at("prompt").get<Ids>()};
  forward.run(sequence, {});
  sequence.ids.push_back(likeliest(forward.logits(0)));
  const double prompt_seconds = seconds_since(begin);
  for (std::size_t token = 0; token < new_tokens; ++token) {
    forward.run(sequence, {});
    sequence.ids.push_back(likeliest(forward.logits(0)));
  }
  const double seconds = seconds_since(begin);
  return {{"seconds", seconds}, {"result", {{"prompt", prompt_seconds}, {"rest", seconds - prompt_seconds}}}};
}

json answer(const ef::Model& model, const std::string& line) {
  const json work = json::parse(line);
  const auto kind = work.at("work").get<std::string>();
  if (kind == "embed") return embed(model, work);
  if (kind == "translate") return translate(model, work);
  if (kind == "continue") return continue_prompt(model, work);
  throw std::invalid_argument("expected embed, translate or continue for the work, found " + kind);
}

void serve(const ef::Model& model) {
  for (std::string line; std::getline(std::cin, line);) {
    json reply;
    try {
      reply = answer(model, line);
    } catch (const std::exception& error) {
      reply = {{"error", error.what()}};
    }
    std::cout << reply.dump() << std::endl;
  }
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 4) {
    std::cerr << "usage: task_rounds MODEL THREADS as-is|q8|q4\n";
    return 2;
  }
  try {
    serve(ef::load(arguments[1], {.weights = weights_named(arguments[3]),
                                  .threads = static_cast<unsigned>(std::stoul(arguments[2]))}));
  } catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    return 1;
  }
}
