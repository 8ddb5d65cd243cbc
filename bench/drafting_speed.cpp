// What drafted tokens save: build/bench/bench/drafting_speed MODEL TEXT-FILE [NEW-TOKENS] [ASSISTANT]
//
// The file is the prompt of a chat with the model. Plain decoding and drafting take turns; the ids have to be the same.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <iterator>
#include <string>

#include "eigenformer/chat.hpp"
#include "eigenformer/generate.hpp"
#include "eigenformer/model.hpp"

namespace {

namespace ef = eigenformer;

constexpr int k_rounds = 5;

/// The answer to the text, drained.
ef::Reply answered(const ef::Model& model, const std::string& text, const ef::GenerateOptions& options) {
  ef::Chat chat(model);
  ef::Reply reply = chat.begin(text, options);
  while (reply.next()) {
  }
  return reply;
}

double speed_of(const ef::Reply& reply) {
  const ef::ReplyStatistics& statistics = reply.statistics();
  return static_cast<double>(statistics.new_tokens - 1) / statistics.token_seconds;
}

void compare(const ef::Model& model, const std::string& text, const ef::GenerateOptions& drafting) {
  ef::GenerateOptions plain = drafting;
  plain.prompt_lookup_num_tokens = 0;
  plain.assistant.reset();
  for (int round = 0; round < k_rounds; ++round) {
    const ef::Reply before = answered(model, text, plain);
    const ef::Reply after = answered(model, text, drafting);
    const ef::ReplyStatistics& statistics = after.statistics();
    const bool same = std::equal(before.ids().begin(), before.ids().end(), after.ids().begin(), after.ids().end());
    std::printf("%zu + %zu tokens: %.1f, drafting %.1f tokens/s, ratio %.2f; %zu drafted, %zu accepted; %s\n",
                statistics.prompt_tokens, statistics.new_tokens, speed_of(before), speed_of(after),
                speed_of(after) / speed_of(before), statistics.drafted_tokens, statistics.accepted_tokens,
                same ? "same ids" : "OTHER IDS");
  }
}

void run(int count, char** arguments) {
  const ef::Model model = ef::load(arguments[1], {.threads = 2});
  std::ifstream file(arguments[2]);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  ef::GenerateOptions options{.max_new_tokens = count > 3 ? std::strtoul(arguments[3], nullptr, 10) : 128};
  if (count > 4) options.assistant = ef::load(arguments[4], {.threads = 2});
  for (const std::size_t tokens : {3U, 6U, 10U}) {
    options.prompt_lookup_num_tokens = options.assistant ? 0 : tokens;
    options.num_assistant_tokens = tokens;
    std::printf("at most %zu drafted\n", tokens);
    compare(model, text, options);
  }
}

}  // namespace

int main(int count, char** arguments) {
  if (count < 3) {
    std::fputs("usage: drafting_speed MODEL TEXT-FILE [NEW-TOKENS] [ASSISTANT]\n", stderr);
    return 2;
  }
  try {
    run(count, arguments);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
