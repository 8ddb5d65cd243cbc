#include "cli/generation_options.hpp"

#include "cli/later.hpp"
#include "cli/numbers.hpp"
#include "cli/words.hpp"

namespace cli {

namespace {

constexpr RealRange k_probability{0, 1};

void add_beams(CLI::App& command, GenerationFlags& flags) {
  add_whole(command, {"--beams", "texts that are followed side by side; the best is the answer"}, flags.num_beams,
            {1, ef::k_most_beams});
  add_real(command, {"--length-penalty", "with --beams: above 0 for longer texts, below 0 for shorter ones"},
           flags.length_penalty, {-ef::k_largest_length_penalty, ef::k_largest_length_penalty});
  const Words<ef::EarlyStopping> words{
      "--early-stopping",
      {{"false", ef::EarlyStopping::no}, {"true", ef::EarlyStopping::yes}, {"never", ef::EarlyStopping::never}}};
  add_words(command, words, "with --beams: whether to end as soon as there are as many texts as beams",
            [&flags](ef::EarlyStopping value) { flags.early_stopping = value; });
}

[[noreturn]] void refuse_without_beams(const char* flag) {
  throw ef::UsageError({.id = "usage.beam_options",
                        .expected = "--beams above 1",
                        .found = "one beam",
                        .where = flag,
                        .remedy = "leave the option out, or pass --beams"});
}

template <class Target, class Value>
void set_if_given(Target& target, const std::optional<Value>& value) {
  if (value) target = *value;
}

}  // namespace

void add_generation_options(CLI::App& command, GenerationFlags& flags) {
  constexpr std::uint64_t most = 1ULL << 31;
  add_whole(command, {"-n,--max-new-tokens", "tokens to add at most (256)"}, flags.max_new_tokens, {1, most});
  add_whole(command, {"--max-length", "tokens of prompt and answer together"}, flags.max_length, {1, most});
  add_real(command, {"--temperature", "0: the likeliest token each time; higher: more surprising"}, flags.temperature,
           {0, 10000});
  add_whole(command, {"--top-k", "only tokens as likely as the k-th likeliest; 0: all"}, flags.top_k, {0, most});
  add_real(command, {"--top-p", "only the likeliest tokens that reach this probability together"}, flags.top_p,
           k_probability);
  add_real(command, {"--min-p", "only tokens at least this fraction as likely as the likeliest"}, flags.min_p,
           k_probability);
  add_real(command, {"--repetition-penalty", "above 1: what is in the text already becomes less likely"},
           flags.repetition_penalty, {0.01, 100});
  command.add_option("--stop", flags.stop, "end where this text comes; may be given several times")
      ->type_name("TEXT")
      ->allow_extra_args(false);
  command
      .add_option("--ban", flags.banned_strings,
                  "a text that never comes, in upper or lower case; may be given several times")
      ->type_name("PHRASE")
      ->allow_extra_args(false);
  add_beams(command, flags);
  add_later_options(command, constraint_options());
}

void add_sequences_option(CLI::App& command, GenerationFlags& flags) {
  add_whole(command, {"--num-return-sequences", "continuations of one prompt (1)"}, flags.num_return_sequences,
            {1, 1024});
  add_whole(command,
            {"--log-probabilities", "with --json: of each token, and of so many of the likeliest at its place"},
            flags.log_probabilities, {0, 64});
}

ef::GenerateOptions with_flags(ef::GenerateOptions options, const GenerationFlags& flags) {
  if (flags.has_filter() && options.temperature == 0) options.temperature = 1;
  set_if_given(options.max_new_tokens, flags.max_new_tokens);
  set_if_given(options.max_length, flags.max_length);
  if (flags.max_length && !flags.max_new_tokens) options.max_new_tokens.reset();  // of a file, which would go before
  set_if_given(options.temperature, flags.temperature);
  set_if_given(options.top_k, flags.top_k);
  set_if_given(options.top_p, flags.top_p);
  set_if_given(options.min_p, flags.min_p);
  set_if_given(options.repetition_penalty, flags.repetition_penalty);
  set_if_given(options.num_return_sequences, flags.num_return_sequences);
  set_if_given(options.num_beams, flags.num_beams);
  if (options.num_beams.value_or(1) == 1) {  // where a file says them, they are of no account
    if (flags.length_penalty) refuse_without_beams("--length-penalty");
    if (flags.early_stopping) refuse_without_beams("--early-stopping");
  }
  set_if_given(options.length_penalty, flags.length_penalty);
  set_if_given(options.early_stopping, flags.early_stopping);
  set_if_given(options.log_probabilities, flags.log_probabilities);
  if (!flags.stop.empty()) options.stop = flags.stop;
  if (!flags.banned_strings.empty()) options.banned_strings = flags.banned_strings;
  return options;
}

}  // namespace cli
