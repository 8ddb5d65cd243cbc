// eigenformer tokenize MODEL: a line of text in, a JSON array of ids out; with --decode the way back. No weights are
// read.
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/commands.hpp"
#include "cli/input_lines.hpp"
#include "cli/output.hpp"
#include "cli/text_model.hpp"

namespace cli {

using nlohmann::json;
using nlohmann::ordered_json;

namespace {

struct TokenizeOptions {
  CommonOptions common;
  bool decode = false;
  bool no_special = false;
  bool offsets = false;
  bool json_lines = false;
  bool pairs = false;
  bool details = false;
  std::size_t max_length = 0;  // 0: nothing is cut
  std::size_t stride = 0;
  std::string truncation = "longest_first";
};

constexpr const char* k_command = "tokenize";

/// What a line holds: a text, or two.
class Line {
 public:
  Line(const TokenizeOptions& options, std::string line, std::size_t number) : texts_{std::move(line)} {
    if (options.pairs) {
      const json pair = parse_line(texts_[0], number);
      if (!pair.is_array() || pair.size() != 2 || !pair[0].is_string() || !pair[1].is_string()) {
        refuse_line(number, "a JSON array of two strings", k_command);
      }
      texts_ = pair.get<std::vector<std::string>>();
    } else if (options.json_lines) {
      const json text = parse_line(texts_[0], number);
      if (!text.is_string()) refuse_line(number, "a JSON string", k_command);
      texts_ = {text.get<std::string>()};
    }
  }
  ef::TextPair pair() const {
    ef::TextPair pair{.first = texts_[0]};
    if (texts_.size() == 2) pair.second = texts_[1];
    return pair;
  }

 private:
  std::vector<std::string> texts_;
};

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

ef::TruncationStrategy strategy(const TokenizeOptions& options) {
  if (options.truncation == "only_first") return ef::TruncationStrategy::only_first;
  if (options.truncation == "only_second") return ef::TruncationStrategy::only_second;
  return ef::TruncationStrategy::longest_first;
}

void encode_line(const ef::Tokenizer& tokenizer, const TokenizeOptions& options, std::string text, std::size_t number) {
  const Line line(options, std::move(text), number);
  const ef::EncodeOptions encode{.add_special_tokens = !options.no_special};
  if (options.max_length > 0) {
    ordered_json windows = ordered_json::array();
    for (const ef::Encoding& window : tokenizer.encode_windows(line.pair(), {.max_length = options.max_length,
                                                                            .strategy = strategy(options),
                                                                            .stride = options.stride,
                                                                            .encode = encode})) {
      windows.push_back(shown(options, window));
    }
    write_json(windows);
  } else if (options.offsets || options.details || options.pairs) {
    write_json(shown(options, tokenizer.encode_pair(line.pair(), encode)));
  } else {
    write_json(tokenizer.encode(line.pair().first, encode));
  }
}

void decode_line(const ef::Tokenizer& tokenizer, const TokenizeOptions& options, const std::string& line,
                 std::size_t number) {
  const char* expected = "a JSON array of token ids from 0 to 2147483647";
  const json list = parse_line(line, number);
  if (!list.is_array()) refuse_line(number, expected, k_command);
  std::vector<ef::TokenId> ids;
  for (const json& id : list) {
    if (!id.is_number_integer() || id < 0 || id > std::numeric_limits<ef::TokenId>::max()) {
      refuse_line(number, expected, k_command);
    }
    ids.push_back(id.get<ef::TokenId>());
  }
  const std::string text = tokenizer.decode(ids, {.skip_special_tokens = options.no_special});
  if (options.json_lines) return write_json(text);
  write_line(text);
}

void tokenize(const TokenizeOptions& options) {
  const ef::Tokenizer tokenizer = open_tokenizer(options.common.model);
  std::size_t number = 0;
  for (std::string line; std::getline(std::cin, line);) {
    ++number;
    if (options.decode) {
      decode_line(tokenizer, options, line, number);
    } else {
      encode_line(tokenizer, options, std::move(line), number);
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
  command->add_flag("--json-lines", options->json_lines, "each line of text is a JSON string, which may hold newlines");
  command->add_flag("--pairs", options->pairs, "each line of text is a JSON array of two strings")->excludes(decode);
  command
      ->add_flag("--details", options->details,
                 R"(objects as of --offsets, with "type_ids", "texts" and "words" of each token)")
      ->excludes(decode);
  CLI::Option* max_length =
      command->add_option("--max-length", options->max_length, "arrays of windows of at most N tokens")
          ->check(CLI::Range(std::size_t{1}, std::size_t{1} << 30U))
          ->excludes(decode);
  command->add_option("--stride", options->stride, "how many tokens a window repeats from the one before it")
      ->needs(max_length);
  command->add_option("--truncation", options->truncation, "what is cut: longest_first, only_first or only_second")
      ->check(CLI::IsMember({"longest_first", "only_first", "only_second"}))
      ->needs(max_length);
  add_common_options(*command, options->common);
  command->callback([options, &action] { action = [options] { tokenize(*options); }; });
}

}  // namespace cli
