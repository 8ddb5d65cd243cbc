#include "tests/hostile/uses.hpp"

#include <algorithm>
#include <exception>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "eigenformer/chat.hpp"
#include "eigenformer/chat/saved_chat.hpp"
#include "eigenformer/chat/template/template.hpp"
#include "eigenformer/format/config_reader.hpp"
#include "eigenformer/format/safetensors.hpp"
#include "eigenformer/format/torch_file.hpp"
#include "eigenformer/forward.hpp"
#include "eigenformer/generate.hpp"
#include "eigenformer/model.hpp"
#include "eigenformer/tokenize/files/sentencepiece_file.hpp"
#include "eigenformer/tokenize/load.hpp"
#include "eigenformer/tokenize/patterns/regex_pattern.hpp"

namespace eigenformer_tests::hostile {

namespace {

namespace ef = eigenformer;

/// Does one thing after another, whatever comes of each, and ends in the first error.
class Uses {
 public:
  template <class Work>
  Uses& then(Work&& work) {
    try {
      work();
    } catch (const ef::Error&) {
      if (!first_) first_ = std::current_exception();
    }
    return *this;
  }
  void finish() const {
    if (first_) std::rethrow_exception(first_);
  }

 private:
  std::exception_ptr first_;
};

/// What a sound file may refuse as well: an id that no token has, a conversation that a template has no words for.
template <class Work>
void may_be_refused(Work&& work) {
  try {
    work();
  } catch (const ef::Error& error) {
    if (error.report().kind == ef::ErrorKind::system) throw;
  }
}

constexpr std::string_view k_texts[] = {
    "the cat sat",
    " The  cats,\r\n sat at 1234.5 \xC3\xA9",
    "<s></s><mask>[CLS]<|im_end|> the <0x0A>",
    "a\xFF\xC0\x80\xE4\xB8 \xF0\x9F\xA6\x8A\xE2\x80\x8D\xEF\xB7\xBA \xCC\x81\xCC\x81 \xE4\xBD\xA0\xE5\xA5\xBD",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    ""};

void use_texts(const ef::Tokenizer& tokenizer, Uses& uses) {
  for (const std::string_view text : k_texts) {
    uses.then([&] {
      const ef::Encoding encoding = tokenizer.encode_with_offsets(text, {.plain_spans = {{0, text.size() / 2}}});
      for (const ef::ByteSpan& span : encoding.offsets) {
        if (span.begin > span.end || span.end > text.size()) throw std::logic_error("an offset beyond the text");
      }
      tokenizer.decode(encoding.ids);
      tokenizer.decode(encoding.ids, {.skip_special_tokens = true});
    });
  }
  uses.then([&] { tokenizer.encode_pair({.first = k_texts[0], .second = k_texts[1]}); });
  for (const ef::TokenId id : {-1, 0, 1, 23, 24, 1'000'000, 2'147'483'647}) {
    may_be_refused([&] { tokenizer.token(id); });
    may_be_refused([&] { tokenizer.token_bytes(id); });
    may_be_refused([&] { tokenizer.decode(std::vector<ef::TokenId>{id, 3, id}); });
  }
}

std::vector<ef::TokenId> some_ids(const ef::Model& model) {
  std::vector<ef::TokenId> ids;
  if (model.has_tokenizer()) ids = model.tokenizer().encode(k_texts[0]);
  if (ids.empty()) ids = {1, 2, 3};
  ids.resize(std::min<std::size_t>(ids.size(), 6));
  const auto rows = static_cast<ef::TokenId>(std::min<std::size_t>(model.info().vocabulary_size, 1U << 20U));
  for (ef::TokenId& id : ids) id = std::min(id, rows - 1);
  return ids;
}

void use_model(const ef::Model& model) {
  Uses uses;
  if (model.has_tokenizer()) use_texts(model.tokenizer(), uses);
  uses.then([&] { ef::forward(model, some_ids(model)); });
  if (model.info().kind != ef::ModelKind::encoder && model.info().head == ef::ModelHead::language_model) {
    uses.then([&] {
      ef::GenerateOptions options = ef::generation_options(model);
      options.max_new_tokens = 2;
      ef::generate(model, some_ids(model), options);
    });
  }
  if (model.chat_template() && model.has_tokenizer()) {
    uses.then([&] {
      ef::Chat chat(model, {.generation = {.max_new_tokens = 2}});
      chat.ask("the cat");
      chat.load(chat.save());
    });
  }
  uses.finish();
}

ef::LoadOptions options() { return {.unknown_keys = ef::UnknownConfigKeys::report, .threads = 1}; }

std::span<const std::byte> as_bytes(std::string_view text) { return std::as_bytes(std::span(text)); }

void decode_everything(const ef::format::TensorFile& file) {
  Uses uses;
  for (const auto& entry : file.entries()) uses.then([&] { ef::format::decode_f32(file.read(entry)); });
  uses.finish();
}

/// Small budgets: a damaged template may well loop.
constexpr ef::chat::TemplateLimits k_limits{.steps = 50'000, .output_bytes = 1U << 16U};

ef::chat::Value conversation() {
  return ef::chat::Value::parse_json(
      R"({"messages":[{"role":"user","content":"hi <|im_end|> \u00e9"},{"role":"assistant","content":"hello"},)"
      R"({"role":"user","content":"go"}],"add_generation_prompt":true,"bos_token":"<s>","eos_token":"</s>"})",
      ef::chat::Provenance::content);
}

ef::chat::Value conversation_with_tools() {
  return ef::chat::Value::parse_json(
      R"({"messages":[{"role":"system","content":"be kind"},{"role":"user","content":"hi <|im_end|> \u00e9"},)"
      R"({"role":"assistant","content":"","tool_calls":[{"type":"function","id":"123456789","function":)"
      R"({"name":"move","arguments":{"x":1,"y":[1.5,null]}}}]},{"role":"tool","content":"done"},)"
      R"({"role":"user","content":[{"type":"text","text":"go"}]}],"tools":[{"type":"function","function":)"
      R"({"name":"move","description":"moves","parameters":{"type":"object","properties":{"x":{"type":"number"}}}}}],)"
      R"("documents":[],"add_generation_prompt":true,"bos_token":"<s>","eos_token":"</s>"})",
      ef::chat::Provenance::content);
}

void check_rendering(const ef::chat::Template& compiled, const ef::chat::Value& variables) {
  const ef::chat::RenderOptions date{.now = ef::chat::DateTime{.year = 2026, .month = 11, .day = 3}};
  const auto rendered = compiled.render(variables, date);
  std::size_t last = 0;
  for (const ef::chat::ByteSpan& span : rendered.content_spans) {
    const bool is_in_order = last <= span.begin && span.begin < span.end && span.end <= rendered.text.size();
    if (!is_in_order) throw std::logic_error("a span of content beyond the text");
    last = span.end;
  }
}

}  // namespace

void use_folder(const std::filesystem::path& folder) { use_model(ef::load(folder, options())); }

void use_gguf(std::string_view bytes) { use_model(ef::load_from_memory(as_bytes(bytes), options())); }

void use_tokenizer(const std::filesystem::path& folder) {
  Uses uses;
  use_texts(ef::tokenize::load_tokenizer_folder(folder), uses);
  uses.finish();
}

void use_template(std::string_view source) {
  static const ef::chat::Value plain = conversation(), with_tools = conversation_with_tools();
  const auto compiled = ef::chat::Template::compile(source, "template", k_limits);
  may_be_refused([&] { check_rendering(compiled, with_tools); });
  check_rendering(compiled, plain);
}

void use_safetensors(std::string_view bytes) {
  decode_everything(*ef::format::open_safetensors(ef::format::memory_source(as_bytes(bytes), "m.safetensors")));
}

void use_torch(std::string_view bytes) {
  decode_everything(*ef::format::open_torch(ef::format::memory_source(as_bytes(bytes), "m.bin")));
}

void use_pattern(std::string_view pattern) {
  const auto made = ef::tokenize::make_pattern(pattern, "pattern");
  Uses uses;
  std::vector<ef::tokenize::PatternPart> parts;
  for (const std::string_view text : {k_texts[0], k_texts[1], k_texts[2], k_texts[4]}) {
    uses.then([&] { made->find(text, parts); });
  }
  uses.finish();
}

void use_sentencepiece(std::string_view bytes) { ef::tokenize::read_sentencepiece_file(bytes, "spiece.model"); }

void use_config(std::string_view text) {
  const ef::format::ConfigReader config = ef::format::config_from_json(text, "config.json");
  Uses uses;
  uses.then([&] { config.integer_or("hidden_size", 1, ef::format::k_size_range); });
  uses.then([&] { config.number_or("layer_norm_eps", 1, ef::format::k_positive); });
  uses.then([&] { config.object("rope_scaling").numbers_or("short_factor", {}); });
  uses.then([&] { config.texts_or("architectures", {}); });
  uses.then([&] { config.flag_or("tie_word_embeddings", false); });
  uses.then([&] { config.finish(ef::format::UnknownKeys::report); });
  uses.finish();
}

void use_saved_chat(std::string_view text) { ef::chat::read_saved_chat(text); }

}  // namespace eigenformer_tests::hostile
