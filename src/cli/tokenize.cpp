// eigenformer tokenize MODEL: a line of text in, a JSON array of ids out; with --decode the way back. No weights are
// read.
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/commands.hpp"
#include "cli/input_lines.hpp"
#include "cli/numbers.hpp"
#include "cli/output.hpp"
#include "cli/task_options.hpp"
#include "cli/text_model.hpp"
#include "cli/words.hpp"

namespace cli {

using nlohmann::json;
using nlohmann::ordered_json;

namespace {

struct TokenizeOptions {
  CommonOptions common;
  bool decode = false;
  bool no_special = false;
  bool offsets = false;
  LineForm form;
  bool details = false;
  std::size_t max_length = 0;  // 0: nothing is cut
  std::size_t stride = 0;
  ef::TruncationStrategy truncation = ef::TruncationStrategy::longest_first;
};

constexpr const char* k_command = "tokenize";

/// {"ids": [...], ...} or, where only ids are wanted, [...].
ordered_json shown(const TokenizeOptions& options, const ef::Encoding& encoding) {
  if (!options.offsets && !options.details) return encoding.ids;
  ordered_json offsets = ordered_json::array();
  for (const ef::ByteSpan& span : encoding.offsets) offsets.push_back({span.begin, span.end});
  ordered_json object = {{"ids", encoding.ids}, {"offsets", offsets}};
  if (options.details) {
    object["type_ids"] = encoding.type_ids;
    object["texts"] = encoding.texts;
    object["words"] = encoding.words;
  }
  return object;
}

void encode_line(const ef::Tokenizer& tokenizer, const TokenizeOptions& options, std::string text, std::size_t number) {
  const InputTexts line = read_texts(options.form, std::move(text), number, k_command);
  const ef::EncodeOptions encode{.add_special_tokens = !options.no_special};
  if (options.max_length > 0) {
    ordered_json windows = ordered_json::array();
    for (const ef::Encoding& window : tokenizer.encode_windows(line.pair(), {.max_length = options.max_length,
                                                                            .strategy = options.truncation,
                                                                            .stride = options.stride,
                                                                            .encode = encode})) {
      windows.push_back(shown(options, window));
    }
    write_json(windows);
  } else if (options.offsets || options.details || options.form.pairs) {
    write_json(shown(options, tokenizer.encode_pair(line.pair(), encode)));
  } else {
    write_json(tokenizer.encode(line.pair().first, encode));
  }
}

void decode_line(const ef::Tokenizer& tokenizer, const TokenizeOptions& options, const std::string& line,
                 std::size_t number) {
  const char* expected = "a JSON array of token ids from 0 to 2147483647";
  const ef::format::Json list = parse_line(line, number);
  if (!list.is_array()) refuse_line(number, expected, k_command);
  std::vector<ef::TokenId> ids;
  for (const ef::format::Json& id : list.elements()) {
    if (!id.is_integer() || id.integer() < 0 || id.integer() > std::numeric_limits<ef::TokenId>::max()) {
      refuse_line(number, expected, k_command);
    }
    ids.push_back(static_cast<ef::TokenId>(id.integer()));
  }
  const std::string text = tokenizer.decode(ids, {.skip_special_tokens = options.no_special});
  if (options.form.json_lines) return write_json(text);
  write_line(text);
}

void tokenize(const TokenizeOptions& options) {
  const ef::Tokenizer tokenizer = open_tokenizer(options.common.model);
  std::size_t number = 0;
  while (std::optional<std::string> line = read_line(std::cin)) {
    ++number;
    if (options.decode) {
      decode_line(tokenizer, options, *line, number);
    } else {
      encode_line(tokenizer, options, *std::move(line), number);
    }
  }
}

}  // namespace

void add_tokenize(CLI::App& app, Action& action) {
  const auto options = std::make_shared<TokenizeOptions>();
  CLI::App* command = app.add_subcommand("tokenize", "lines of text in, JSON arrays of token ids out");
  add_model_argument(*command, options->common)->required();
  CLI::Option* decode = command->add_flag("--decode", options->decode, "the way back: arrays of ids in, lines out");
  command->add_flag("--no-special", options->no_special,
                    "add no special tokens; with --decode: leave special tokens out");
  command
      ->add_flag("--offsets", options->offsets,
                 R"(objects {"ids": [...], "offsets": [[begin, end], ...]}, in bytes of the line)")
      ->excludes(decode);
  command->add_flag("--json-lines", options->form.json_lines,
                    "each line of text is a JSON string, which may hold newlines");
  command->add_flag("--pairs", options->form.pairs, "each line of text is a JSON array of two strings")
      ->excludes(decode);
  command
      ->add_flag("--details", options->details,
                 R"(objects as of --offsets, with "type_ids", "texts" and "words" of each token)")
      ->excludes(decode);
  CLI::Option* max_length = add_whole(*command, {"--max-length", "arrays of windows of at most N tokens"},
                                      options->max_length, {1, 1U << 30U})
                                ->excludes(decode);
  add_whole(*command, {"--stride", "tokens that a window repeats from the one before it (0)"}, options->stride,
            {0, 1U << 30U})
      ->needs(max_length);
  add_words<ef::TruncationStrategy>(*command,
                                    {.option = "--truncation",
                                     .known = {{"longest_first", ef::TruncationStrategy::longest_first},
                                               {"only_first", ef::TruncationStrategy::only_first},
                                               {"only_second", ef::TruncationStrategy::only_second}}},
                                    "which of the texts is cut (longest_first)",
                                    [options](ef::TruncationStrategy strategy) { options->truncation = strategy; })
      ->needs(max_length);
  add_common_options(*command, options->common);
  command->callback([options, &action] { action = [options] { tokenize(*options); }; });
}

}  // namespace cli
