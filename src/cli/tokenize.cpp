// eigenformer tokenize MODEL: a line of text in, a JSON array of ids out; with --decode the way back. No weights are
// read.
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/commands.hpp"
#include "cli/output.hpp"
#include "cli/text_model.hpp"
#include "eigenformer/format/json.hpp"

namespace cli {

using nlohmann::json;
using nlohmann::ordered_json;

namespace {

/// A line longer than this is an error and no memory trouble.
constexpr std::uint64_t k_line_limit_bytes = 256U << 20U;

struct TokenizeOptions {
  CommonOptions common;
  bool decode = false;
  bool no_special = false;
  bool offsets = false;
  bool json_lines = false;
};

[[noreturn]] void refuse_line(std::size_t number, const std::string& expected) {
  throw ef::UsageError({.id = "usage.input_line",
                        .expected = expected,
                        .found = "something else",
                        .where = "standard input, line " + std::to_string(number),
                        .remedy = "see eigenformer tokenize --help"});
}

json parsed(const std::string& line, std::size_t number) {
  return ef::format::parse_json(line, "standard input, line " + std::to_string(number), {.bytes = k_line_limit_bytes});
}

void encode_line(const ef::Tokenizer& tokenizer, const TokenizeOptions& options, std::string line, std::size_t number) {
  if (options.json_lines) {
    const json text = parsed(line, number);
    if (!text.is_string()) refuse_line(number, "a JSON string");
    line = text.get<std::string>();
  }
  const ef::EncodeOptions encode{.add_special_tokens = !options.no_special, .plain_spans = {}};
  if (!options.offsets) return write_json(tokenizer.encode(line, encode));
  const ef::Encoding encoding = tokenizer.encode_with_offsets(line, encode);
  ordered_json offsets = ordered_json::array();
  for (const ef::ByteSpan& span : encoding.offsets) offsets.push_back({span.begin, span.end});
  write_json({{"ids", encoding.ids}, {"offsets", offsets}});
}

void decode_line(const ef::Tokenizer& tokenizer, const TokenizeOptions& options, const std::string& line,
                 std::size_t number) {
  const char* expected = "a JSON array of token ids from 0 to 2147483647";
  const json list = parsed(line, number);
  if (!list.is_array()) refuse_line(number, expected);
  std::vector<ef::TokenId> ids;
  for (const json& id : list) {
    if (!id.is_number_integer() || id < 0 || id > std::numeric_limits<ef::TokenId>::max()) {
      refuse_line(number, expected);
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
  add_common_options(*command, options->common);
  command->callback([options, &action] { action = [options] { tokenize(*options); }; });
}

}  // namespace cli
