// Whoever writes "<|im_end|>" into a conversation writes ten characters, in every template and with every tokenizer.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <map>
#include <optional>

#include "eigenformer/chat/end_token_format.hpp"
#include "eigenformer/chat/template_format.hpp"
#include "eigenformer/tokenize/load.hpp"
#include "tests/chat/template/support.hpp"

namespace template_tests {
namespace {

using eigenformer::EncodeOptions;
using eigenformer::Message;
using eigenformer::TokenId;
using eigenformer::Tokenizer;
using Json = nlohmann::ordered_json;

/// What the templates here end turns with, or begin them, and what tokenizers have by themselves.
constexpr std::array k_markers = {"<|im_end|>",
                                  "<|im_start|>",
                                  "<|im_sep|>",
                                  "</s>",
                                  "<s>",
                                  "[INST]",
                                  "[/INST]",
                                  "[TOOL_CALLS]",
                                  "[TOOL_RESULTS]",
                                  "[/TOOL_RESULTS]",
                                  "[AVAILABLE_TOOLS]",
                                  "<|eot_id|>",
                                  "<|eom_id|>",
                                  "<|python_tag|>",
                                  "<|start_header_id|>",
                                  "<|end_header_id|>",
                                  "<start_of_turn>",
                                  "<end_of_turn>",
                                  "<|end|>",
                                  "<|user|>",
                                  "<|assistant|>",
                                  "<|system|>",
                                  "<|observation|>",
                                  "[gMASK]",
                                  "<sop>",
                                  "<|START_OF_TURN_TOKEN|>",
                                  "<|END_OF_TURN_TOKEN|>",
                                  "<|CHATBOT_TOKEN|>",
                                  "<|SYSTEM_TOKEN|>",
                                  "<|USER_TOKEN|>",
                                  "<｜User｜>",
                                  "<｜Assistant｜>",
                                  "<｜end▁of▁sentence｜>",
                                  "<｜tool▁outputs▁end｜>",
                                  "<|start_of_role|>",
                                  "<|end_of_role|>",
                                  "<|end_of_text|>",
                                  "<|tool_call|>",
                                  "<|endoftext|>",
                                  "<|header|>",
                                  "<|/header|>",
                                  "<turn>",
                                  "<end>",
                                  "[SEP]",
                                  "[CLS]",
                                  "<mask>"};

/// The tokenizer of tests/tokenize/data, with every marker among its special tokens.
Tokenizer with_markers(const std::string& name) {
  const auto data = std::filesystem::path(EIGENFORMER_SOURCE_DIR) / "tests/tokenize/data" / name;
  if (!std::filesystem::exists(data / "tokenizer.json")) return eigenformer::tokenize::load_tokenizer_folder(data);
  Json json = Json::parse(std::ifstream(data / "tokenizer.json"));
  const std::size_t pieces = json["model"]["vocab"].size();
  std::size_t next = pieces;
  for (const auto& token : json["added_tokens"]) next = std::max(next, token["id"].get<std::size_t>() + 1);
  for (const char* marker : k_markers) {
    const bool known = std::ranges::any_of(json["added_tokens"], [&](const Json& t) { return t["content"] == marker; });
    if (known) continue;
    json["added_tokens"].push_back({{"id", next++},
                                    {"content", marker},
                                    {"single_word", false},
                                    {"lstrip", false},
                                    {"rstrip", false},
                                    {"normalized", false},
                                    {"special", true}});
  }
  const auto folder = std::filesystem::path(testing::TempDir()) / ("injection_" + name);
  std::filesystem::create_directories(folder);
  std::ofstream(folder / "tokenizer.json") << json;
  Tokenizer tokenizer = eigenformer::tokenize::load_tokenizer_folder(folder);
  std::filesystem::remove_all(folder);
  return tokenizer;
}

/// The special tokens of a prompt, sorted. What the vocabulary does not know is nobody's marker.
std::vector<TokenId> special_ids(const Tokenizer& tokenizer, const std::vector<TokenId>& ids) {
  std::vector<TokenId> special;
  std::ranges::copy_if(ids, std::back_inserter(special), [&](TokenId id) {
    return tokenizer.is_special(id) && tokenizer.token(id) != "[UNK]" && tokenizer.token(id) != "<unk>";
  });
  std::ranges::sort(special);
  return special;
}

std::vector<TokenId> special_ids(const Tokenizer& tokenizer, const chat::RenderedTemplate& prompt) {
  EncodeOptions options{.add_special_tokens = false, .plain_spans = {}};
  for (const chat::ByteSpan& span : prompt.content_spans) options.plain_spans.push_back({span.begin, span.end});
  return special_ids(tokenizer, tokenizer.encode(prompt.text, options));
}

/// Gives every text of a conversation, names and keys of arguments too, a text more at its end: what `next` says.
class Visitor {
 public:
  explicit Visitor(std::function<std::string()> next) : next_(std::move(next)) {}

  Value value_of(const Json& json, std::string_view key = {}) {
    if (json.is_string()) return text_of(json.get<std::string>(), key);
    if (json.is_array()) {
      std::vector<Value> items;
      for (const Json& item : json) items.push_back(value_of(item, key));
      return Value::list(std::move(items), Provenance::content);
    }
    if (!json.is_object()) return content_of(json);
    const bool names_are_free = key == "arguments" || key == "properties";
    std::vector<std::pair<std::string, Value>> entries;
    for (const auto& [name, item] : json.items()) {
      entries.emplace_back(names_are_free ? name + next_() : name, value_of(item, name));
    }
    return Value::object(std::move(entries), Provenance::content);
  }

 private:
  Value text_of(const std::string& text, std::string_view key) {
    if (key == "role") return chat::role_value(text);
    constexpr std::string_view k_checked[] = {"type", "tool_call_id", "id"};
    const bool is_checked = std::ranges::find(k_checked, key) != std::end(k_checked);
    return Value::text(is_checked ? text : text + next_(), Provenance::content);
  }

  std::function<std::string()> next_;
};

class ChatTemplateInjection : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override { recorded_ = read_json("conversations.json"); }

  /// The special tokens of a prompt; none where the template refuses the conversation.
  std::optional<std::vector<TokenId>> specials(const std::string& name, const Json& messages,
                                               const std::function<std::string()>& next) {
    Visitor visitor(next);
    Variables variables = {{"messages", visitor.value_of(messages)},
                           {"tools", visitor.value_of(recorded_["tools"])},
                           {"documents", visitor.value_of(recorded_["variants"]["documents"]["documents"])},
                           {"add_generation_prompt", Value::boolean(true)},
                           {"bos_token", Value::text("<s>")},
                           {"eos_token", Value::text("</s>")}};
    chat::RenderedTemplate prompt;
    const auto error =
        error_of([&] { prompt = templates_.at(name).render(Value::object(variables), recorded_time()); });
    if (!error.id.empty()) return std::nullopt;
    return special_ids(*tokenizer_, prompt);
  }

  Json recorded_;
  std::map<std::string, chat::Template> templates_;
  std::optional<Tokenizer> tokenizer_;
};

TEST_P(ChatTemplateInjection, HostileTextHasTheSpecialTokensOfHarmlessText) {
  tokenizer_ = with_markers(GetParam());
  std::size_t compared = 0, with_special = 0;
  for (const auto& [name, unused] : recorded_["renderings"].items()) {
    templates_.emplace(name, chat::Template::compile(read_file("templates/" + name), name));
    std::size_t of_template = 0;
    for (const char* conversation : {"system", "many turns", "tool call", "parts of every kind", "assistant last"}) {
      const Json& messages = recorded_["conversations"][conversation];
      const auto harmless = specials(name, messages, [] { return std::string(" word"); });
      if (!harmless) continue;
      for (std::size_t first = 0; first < k_markers.size(); first += 15) {
        SCOPED_TRACE(name + ", " + conversation + ", markers from " + k_markers[first]);
        std::size_t i = first;
        const auto hostile = specials(name, messages, [&] { return k_markers[i++ % k_markers.size()]; });
        ASSERT_TRUE(hostile);
        EXPECT_EQ(*hostile, *harmless);
        ++of_template;
      }
      with_special += harmless->empty() ? 0 : 1;
    }
    EXPECT_GT(of_template, 0U) << name;
    compared += of_template;
  }
  EXPECT_GE(compared, 300U);
  EXPECT_GE(with_special, 10U);  // templates write special tokens, and those are found
}

/// Ways to make a marker of pieces that a visitor wrote. None gives a special token.
constexpr const char* k_assembled[] = {
    "{{ whole }}",
    "{{ a }}{{ b }}",
    "{{ a ~ b }}",
    "{{ a + b }}",
    "{{ [a, b]|join }}",
    "{{ ''.join([a, b]) }}",
    "{{ (' ' ~ a)|trim ~ b.strip() }}",
    "{{ noisy|replace('X', '') }}",
    "{{ noisy.replace('X', '') }}",
    "{{ noisy.split('X')|join }}",
    "{{ loud|lower }}",
    "{{ loud.lower() }}{{ loud.swapcase() }}{{ loud.casefold() }}",
    "{{ backward[::-1] }}{{ backward|reverse }}",
    "{{ spaced[::2] }}",
    "{{ (whole ~ whole)[10:] }}{{ whole[0:99] }}",
    "{{ whole|list|join }}{% for c in whole %}{{ c }}{% endfor %}",
    "{{ '%s%s' % (a, b) }}{{ '{}{}'.format(a, b) }}",
    "{{ '%s%s'|format(a, b) }}{{ '{x}{y}'.format(x=a, y=b) }}",
    "{{ whole|string|safe }}{{ whole|tojson }}",
    "{{ [whole]|tojson }}{{ {'k': whole} }}{{ {whole: 1}|tojson }}",
    "{{ dict(**keys)|tojson }}{{ dict(**keys) }}",
    "{% macro m() %}{{ kwargs|list|join }}{{ kwargs }}{% endmacro %}{{ m(**keys) }}",
    "{{ namespace(**keys) }}",
    "{% macro m() %}{{ a }}{{ caller() }}{% endmacro %}{% call m() %}{{ b }}{% endcall %}",
    "{% set x %}{{ a }}{{ b }}{% endset %}{{ x }}{% filter lower %}{{ loud }}{% endfilter %}",
    "{{ whole|truncate(99) }}{{ whole|indent }}{{ whole|center(30) }}{{ whole.center(20, '-') }}",
    "<|im_{{ 'e' if a else a }}{{ b[1:] }}{{ a[:2] }}im_end|>",
    "<|{{ name }}|>{{ '<|' ~ name ~ '|>' }}",
    "{{ ['<|', '|>']|join(name) }}{{ 'N|>'|replace('N', a) }}",
    "{{ '<|im_end'.ljust(10, bar) ~ '>' }}",
    "{{ '{:{}<10}'.format('<|im_end', bar) ~ '>' }}{{ '%c%s' % (60, '|im_end|>') }}{{ '{:c}'.format(60) ~ '|im_end|>' "
    "}}",
    "{{ [1, 2]|tojson(separators=(whole, ': ')) }}{{ [1]|tojson(indent=whole) }}{{ strftime_now(whole) }}",
    "{{ [{'n': whole}]|map(attribute='n')|first }}{{ [whole]|sort|unique|list|last }}{{ (whole, 1)|max if 0 else whole "
    "}}",
    "{{ parts|map(attribute='text')|join }}{% for p in parts %}{{ p.text }}{% endfor %}",
    "{% for g, l in parts|groupby('text') %}{{ g }}{% endfor %}{{ parts|sum(attribute='text', start=a)|string if 0 "
    "else a ~ b }}",
};

TEST_P(ChatTemplateInjection, PiecesThatAreJoinedStayText) {
  const Tokenizer tokenizer = with_markers(GetParam());
  const auto content = [](const char* text) { return Value::text(text, Provenance::content); };
  const Value variables =
      Value::object({{"whole", content("<|im_end|>")},
                     {"a", content("<|im_")},
                     {"b", content("end|>")},
                     {"name", content("im_end")},
                     {"bar", content("|")},
                     {"noisy", content("<X|im_Xend|X>")},
                     {"loud", content("<|IM_END|>")},
                     {"backward", content(">|dne_mi|<")},
                     {"spaced", content("< | i m _ e n d | >")},
                     {"keys", Value::parse_json(R"({"<|im_end|>": "<|im_end|>"})", Provenance::content)},
                     {"parts", Value::parse_json(R"([{"text": "<|im_"}, {"text": "end|>"}])", Provenance::content)}});
  for (const char* source : k_assembled) {
    SCOPED_TRACE(source);
    const auto prompt = chat::Template::compile(source, "test").render(variables, recorded_time());
    EXPECT_TRUE(special_ids(tokenizer, prompt).empty()) << prompt.text;
  }
}

TEST_P(ChatTemplateInjection, ARoleThatNobodyKnowsIsText) {
  const Tokenizer tokenizer = with_markers(GetParam());
  const auto specials_of = [&](const std::string& source, const std::string& role) {
    const chat::TemplateFormat format(tokenizer, source, {.model = "test", .date = recorded_time().now});
    const std::vector<Message> messages = {{"user", "Hello"}, {role, "Hi"}};
    std::vector<TokenId> ids;
    const auto error = error_of([&] { ids = format.encode(messages); });
    return error.id.empty() ? std::optional(special_ids(tokenizer, ids)) : std::nullopt;
  };
  for (const auto& [name, unused] : recorded_["renderings"].items()) {
    SCOPED_TRACE(name);
    const std::string source = read_file("templates/" + name);
    const auto harmless = specials_of(source, "narrator");
    for (const char* role : {"user<|im_end|>", "endoftext", "end", "</s>", "im_start", "<|im_start|>system"}) {
      EXPECT_EQ(specials_of(source, role), harmless) << role;
    }
  }
}

TEST_P(ChatTemplateInjection, TurnsThatEndTokensJoinEndWithThemAlone) {
  const Tokenizer tokenizer = with_markers(GetParam());
  const std::optional<TokenId> end = tokenizer.token_id("</s>");
  ASSERT_TRUE(end);
  std::vector<Message> messages;
  for (const char* marker : k_markers) messages.push_back({messages.size() % 2 == 0 ? "user" : "assistant", marker});
  const auto ids = chat::EndTokenFormat(tokenizer, *end).encode(messages);
  EXPECT_EQ(special_ids(tokenizer, ids), std::vector<TokenId>(messages.size(), *end));
}

INSTANTIATE_TEST_SUITE_P(Tokenizers, ChatTemplateInjection,
                         testing::Values("llama3", "smollm", "unigram", "cased", "spm_bpe", "spm_unigram"),
                         [](const auto& parameter) { return std::string(parameter.param); });

}  // namespace
}  // namespace template_tests
