// GGUF vocabularies: the same ids as the folders they would be made from, and the default model's own.
#include "eigenformer/format/gguf.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "eigenformer/format/byte_source.hpp"
#include "eigenformer/tokenize/load.hpp"
#include "tests/support/default_model.hpp"
#include "tests/support/errors.hpp"
#include "tests/tokenize/recorded.hpp"

namespace eigenformer_tests {
namespace {

using eigenformer::TextList;
using eigenformer::TokenId;
using eigenformer::Tokenizer;
using eigenformer::tokenize::GgufVocabulary;
using eigenformer::tokenize::load_tokenizer_folder;
using eigenformer::tokenize::load_tokenizer_gguf;

/// The list with another text in the place of one of its own.
TextList replaced(const TextList& texts, std::size_t number, std::string_view text) {
  TextList changed;
  for (std::size_t k = 0; k < texts.size(); ++k) changed.push_back(k == number ? text : texts[k]);
  return changed;
}

/// What a converter makes of tokenizer.json.
GgufVocabulary converted(const std::string& folder, const std::string& pre) {
  const auto json = nlohmann::json::parse(file_text(k_tokenize_data / folder / "tokenizer.json"));
  std::map<TokenId, std::string> tokens;
  for (const auto& [token, id] : json["model"]["vocab"].items()) tokens[id.get<TokenId>()] = token;
  for (const auto& token : json["added_tokens"]) tokens[token["id"].get<TokenId>()] = token["content"];
  GgufVocabulary vocabulary{.model = "gpt2", .pre = pre, .where = folder + ".gguf"};
  for (const auto& [id, token] : tokens) vocabulary.tokens.push_back(token);
  vocabulary.token_types.assign(vocabulary.tokens.size(), 1);
  for (const auto& token : json["added_tokens"]) {
    vocabulary.token_types[token["id"].get<std::size_t>()] = token["special"].get<bool>() ? 3 : 4;
  }
  for (const auto& merge : json["model"]["merges"]) {
    vocabulary.merges.push_back(merge.is_string() ? merge.get<std::string>()
                                                  : merge[0].get<std::string>() + " " + merge[1].get<std::string>());
  }
  return vocabulary;
}

TEST(GgufVocabularyTest, SmollmEqualsItsFolder) {
  const Tokenizer folder = load_tokenizer_folder(k_tokenize_data / "smollm");
  const Tokenizer gguf = load_tokenizer_gguf(converted("smollm", "smollm"));
  for (const std::string& text : hard_texts()) {
    ASSERT_EQ(gguf.encode(text), folder.encode(text)) << testing::PrintToString(text);
  }
}

TEST(GgufVocabularyTest, Llama3BeginsWithItsTokenUnlessTold) {
  GgufVocabulary vocabulary = converted("llama3", "llama-bpe");
  const Tokenizer folder = load_tokenizer_folder(k_tokenize_data / "llama3");
  vocabulary.bos = folder.token_id("<|begin_of_text|>");
  const Tokenizer gguf = load_tokenizer_gguf(vocabulary);
  for (const std::string& text : hard_texts()) ASSERT_EQ(gguf.encode(text), folder.encode(text));
  vocabulary.add_bos = false;
  EXPECT_EQ(load_tokenizer_gguf(vocabulary).encode("a b"), folder.encode("a b", {.add_special_tokens = false}));
}

TEST(GgufVocabularyTest, Qwen2Normalizes) {
  const Tokenizer gguf = load_tokenizer_gguf(converted("qwen2", "qwen2"));
  EXPECT_EQ(gguf.encode("e\xCC\x81"), gguf.encode("\xC3\xA9"));
}

GgufVocabulary vocabulary_of(const eigenformer::format::GgufFile& file) {
  const auto key = [](const char* name) { return "tokenizer.ggml." + std::string(name); };
  GgufVocabulary vocabulary{.model = file.text(key("model")), .pre = file.text(key("pre")), .where = file.where()};
  vocabulary.tokens = file.texts(key("tokens"));
  if (file.has(key("merges"))) vocabulary.merges = file.texts(key("merges"));
  if (file.has(key("scores"))) vocabulary.scores = file.numbers(key("scores"));
  vocabulary.token_types = file.integers(key("token_type"));
  if (file.has(key("precompiled_charsmap"))) {
    for (const std::int32_t byte : file.integers(key("precompiled_charsmap"))) {
      vocabulary.precompiled_charsmap.push_back(static_cast<char>(byte));
    }
  }
  const auto id = [&](const char* name) -> std::optional<TokenId> {
    if (!file.has(key(name))) return std::nullopt;
    return static_cast<TokenId>(file.integer(key(name)));
  };
  vocabulary.bos = id("bos_token_id");
  vocabulary.eos = id("eos_token_id");
  vocabulary.unknown = id("unknown_token_id");
  vocabulary.padding = id("padding_token_id");
  vocabulary.separator = id("seperator_token_id");
  vocabulary.mask = id("mask_token_id");
  return vocabulary;
}

GgufVocabulary small_vocabulary(const std::string& name) {
  const auto source = eigenformer::format::file_source(k_tokenize_data / "gguf" / (name + ".gguf"));
  return vocabulary_of(*eigenformer::format::open_gguf(source));
}

/// What a user defined in the vocabulary "t5" is a token before the text is normalized, as in transformers and in
/// llama.cpp. It is none in the sentencepiece library.
bool has_user_defined(const std::string& text) {
  const auto has = [&](const char* token) { return text.find(token) != std::string::npos; };
  return has("<sep>") || has("[LEFT]") || has("word");
}

/// The recordings are those of the sentencepiece library.
void expect_recorded(const std::string& name, const std::string& folder) {
  const Tokenizer tokenizer = load_tokenizer_gguf(small_vocabulary(name));
  const nlohmann::json expected = recorded(folder);
  const std::vector<std::string> texts = hard_texts();
  int compared = 0;
  for (std::size_t k = 0; k < texts.size(); ++k) {
    const std::string& text = texts[k];
    if (expected["texts"][k].is_null() || (name == "t5" && has_user_defined(text))) continue;
    const std::string line = expected["texts"][k];
    ASSERT_EQ(line_of(tokenizer, text, line), line) << k << ": " << testing::PrintToString(text);
    ++compared;
  }
  EXPECT_GT(compared, 1900);
  for (const auto& [rule, text] : long_runs()) {
    const std::string line = expected["runs"].at(rule);
    EXPECT_EQ(line_of(tokenizer, text, line), line) << rule;
  }
}

TEST(GgufVocabularyTest, LlamaEqualsTheRecording) { expect_recorded("llama", "spm_bpe"); }

TEST(GgufVocabularyTest, T5EqualsTheRecording) { expect_recorded("t5", "spm_unigram"); }

TEST(GgufVocabularyTest, T5TokensLieWhereThoseOfTheFolderDo) {
  const Tokenizer expected = load_tokenizer_folder(k_tokenize_data / "spm_unigram");
  const Tokenizer gguf = load_tokenizer_gguf(small_vocabulary("t5"));
  int compared = 0;
  for (const std::string& text : hard_texts()) {
    const bool has_token_of_class = text.find("<pad>") != std::string::npos;  // none of the vocabulary
    if (has_user_defined(text) || has_token_of_class) continue;
    const auto ours = gguf.encode_with_offsets(text), other = expected.encode_with_offsets(text);
    ++compared;
    EXPECT_EQ(ours.ids, other.ids) << testing::PrintToString(text);
    EXPECT_EQ(ours.offsets, other.offsets) << testing::PrintToString(text);
    EXPECT_EQ(ours.words, other.words) << testing::PrintToString(text);
  }
  EXPECT_GT(compared, 1900);
}

TEST(GgufVocabularyTest, BertEqualsItsFolder) {
  for (const auto& [name, folder] : {std::pair("bert", "uncased"), std::pair("bert_cased", "cased")}) {
    const Tokenizer expected = load_tokenizer_folder(k_tokenize_data / folder);
    const Tokenizer gguf = load_tokenizer_gguf(small_vocabulary(name));
    for (const std::string& text : hard_texts()) {
      ASSERT_EQ(gguf.encode(text), expected.encode(text)) << name << ": " << testing::PrintToString(text);
    }
    EXPECT_EQ(gguf.separator(), expected.token_id("[SEP]"));
    const auto pair = gguf.encode_pair({.first = "a", .second = "b"});
    EXPECT_EQ(pair.ids, expected.encode_pair({.first = "a", .second = "b"}).ids);
    EXPECT_EQ(pair.type_ids, (std::vector<std::int32_t>{0, 0, 0, 1, 1}));
  }
}

/// Spaces that a user defined are found as U+2581; other tokens of a user end the text before them, so that the text
/// behind them begins anew.
TEST(GgufVocabularyTest, LlamaTokensOfAUser) {
  GgufVocabulary vocabulary = small_vocabulary("llama");
  for (const char* token : {"  ", "<user>"}) {
    vocabulary.tokens.push_back(token);
    vocabulary.scores.push_back(-1000);
    vocabulary.token_types.push_back(4);
  }
  const auto spaces = static_cast<TokenId>(vocabulary.tokens.size() - 2);
  vocabulary.add_bos = false;
  const Tokenizer tokenizer = load_tokenizer_gguf(vocabulary);
  const std::optional<TokenId> a = tokenizer.token_id(
      "\xE2\x96\x81"
      "a");
  ASSERT_TRUE(a);
  EXPECT_EQ(tokenizer.encode("a<user>a"), (std::vector<TokenId>{*a, spaces + 1, *a}));
  EXPECT_EQ(tokenizer.encode("a   a"), (std::vector<TokenId>{*a, spaces, *a}));
  EXPECT_EQ(tokenizer.decode(std::vector<TokenId>{*a, spaces, *a}), "a   a");
}

TEST(GgufVocabularyTest, MutationsDoNoHarm) {
  const std::string text = "Hello  world \xE2\x82\xAC caf\xC3\xA9 <user>";
  for (const char* name : {"bert", "llama", "t5"}) {
    const GgufVocabulary sound = small_vocabulary(name);
    std::uint32_t state = 7;
    const auto next = [&](std::size_t limit) {
      state = state * 1664525U + 1013904223U;
      return (state >> 8U) % limit;
    };
    for (int k = 0; k < 700; ++k) {
      GgufVocabulary changed = sound;
      for (int n = 0; n < 1 + k % 4; ++n) {
        const std::size_t id = next(changed.tokens.size());
        std::string token(changed.tokens[id]);
        switch (next(6)) {
          case 0: changed.token_types[id] = static_cast<std::int32_t>(next(9)) - 1; break;
          case 1:
            if (!token.empty()) token[next(token.size())] = static_cast<char>(next(256));
            break;
          case 2: token = changed.tokens[next(changed.tokens.size())]; break;
          case 3: token.clear(); break;
          case 4:
            if (!changed.scores.empty()) changed.scores[id] = 1.0F / static_cast<float>(next(2)) - 1.0F;
            break;
          default:
            if (!changed.precompiled_charsmap.empty()) {
              changed.precompiled_charsmap[next(changed.precompiled_charsmap.size())] = static_cast<char>(next(256));
            }
        }
        changed.tokens = replaced(changed.tokens, id, token);
      }
      const std::string found = error_of([&] { load_tokenizer_gguf(changed).encode(text); });
      ASSERT_TRUE(found == "no error" || found.starts_with("tokenizer.")) << found;
    }
  }
}

TEST(GgufVocabularyTest, NamedTokensAndTemplate) {
  GgufVocabulary vocabulary = converted("smollm", "gpt-2");
  vocabulary.bos = 1;
  vocabulary.eos = 2;
  vocabulary.unknown = 0;
  vocabulary.padding = 2;
  vocabulary.add_bos = vocabulary.add_eos = true;
  const Tokenizer tokenizer = load_tokenizer_gguf(vocabulary);
  EXPECT_EQ(tokenizer.beginning_of_sequence(), 1);
  EXPECT_EQ(tokenizer.end_of_sequence(), 2);
  EXPECT_EQ(tokenizer.unknown(), 0);
  EXPECT_EQ(tokenizer.padding(), 2);
  const auto ids = tokenizer.encode("");
  EXPECT_EQ(ids, (std::vector<TokenId>{1, 2}));
  const auto encoding = tokenizer.encode_with_offsets("!");
  EXPECT_EQ(encoding.offsets, (std::vector<eigenformer::ByteSpan>{{0, 0}, {0, 1}, {0, 0}}));
  EXPECT_TRUE(tokenizer.is_special(1));
  EXPECT_FALSE(tokenizer.is_special(3));
}

TEST(GgufVocabularyTest, Hostile) {
  const GgufVocabulary sound = converted("smollm", "smollm");
  const auto error = [&](auto change) {
    GgufVocabulary vocabulary = sound;
    change(vocabulary);
    return error_of([&] { load_tokenizer_gguf(vocabulary); });
  };
  EXPECT_EQ(error([](GgufVocabulary&) {}), "no error");
  EXPECT_EQ(
      error([](GgufVocabulary& v) { v.model = "rwkv"; }),
      "tokenizer.gguf_model: smollm.gguf, tokenizer.ggml.model: expected a tokenizer gpt2, llama, t5 or bert, found "
      "\"rwkv\"; use the model's folder with tokenizer.json");
  EXPECT_EQ(error([](GgufVocabulary& v) { v.model = "t5"; }),
            "tokenizer.gguf_array_lengths: smollm.gguf, tokenizer.ggml.scores: expected a score for each of " +
                std::to_string(sound.tokens.size()) + " tokens, found 0; download the file again");
  EXPECT_EQ(error([](GgufVocabulary& v) {
              v.model = "llama";
              v.scores.resize(v.tokens.size());
            }),
            "tokenizer.unknown_token: smollm.gguf, tokenizer.ggml.unknown_token_id: expected an unknown token, found "
            "none; convert the model again with a current converter");
  EXPECT_EQ(error([](GgufVocabulary& v) {
              v.model = "bert";
              v.unknown = 0;
            }),
            "tokenizer.gguf_special_id: smollm.gguf, tokenizer.ggml: expected a token that begins a text, found none; "
            "convert the model again with a current converter");
  EXPECT_EQ(error([](GgufVocabulary& v) { v.pre = "default"; }),
            "tokenizer.gguf_pre: smollm.gguf, tokenizer.ggml.pre: expected a pre-tokenizer gpt-2, phi-2, smollm, "
            "starcoder, refact, llama-bpe or qwen2, found \"default\"; use the model's folder with tokenizer.json");
  EXPECT_EQ(error([](GgufVocabulary& v) { v.pre.clear(); }),
            "tokenizer.gguf_pre: smollm.gguf, tokenizer.ggml.pre: expected a pre-tokenizer gpt-2, phi-2, smollm, "
            "starcoder, refact, llama-bpe or qwen2, found none; convert the model again with a current converter");
  EXPECT_EQ(error([](GgufVocabulary& v) { v.token_types.pop_back(); }),
            "tokenizer.gguf_array_lengths: smollm.gguf, tokenizer.ggml.token_type: expected a type for each of " +
                std::to_string(sound.tokens.size()) + " tokens, found " + std::to_string(sound.tokens.size() - 1) +
                "; download the file again");
  EXPECT_EQ(error([](GgufVocabulary& v) { v.eos = static_cast<TokenId>(v.tokens.size()); }),
            "tokenizer.gguf_special_id: smollm.gguf, tokenizer.ggml: expected ids of special tokens below " +
                std::to_string(sound.tokens.size()) + ", found " + std::to_string(sound.tokens.size()) +
                "; download the file again");
  EXPECT_EQ(error([](GgufVocabulary& v) { v.padding = -1; }).substr(0, 26), "tokenizer.gguf_special_id:");
  EXPECT_EQ(error([](GgufVocabulary& v) {
              v.tokens = v.merges = TextList();
              v.token_types.clear();
            }),
            "tokenizer.vocabulary_empty: smollm.gguf, tokenizer.ggml.tokens: expected a vocabulary with tokens, found "
            "none; download the file again");
  EXPECT_EQ(error([](GgufVocabulary& v) { v.tokens = replaced(v.tokens, 5, v.tokens[9]); }),
            "tokenizer.duplicate_token: smollm.gguf, tokenizer.ggml.tokens: expected each token once, found \"'\" for "
            "the ids 5 and 9; download the file again, or rebuild the vocabulary");
  EXPECT_EQ(error([](GgufVocabulary& v) { v.tokens = replaced(v.tokens, 9, "\xFF"); }),
            "tokenizer.token_text: smollm.gguf, tokenizer.ggml.tokens: expected tokens in UTF-8, found \"\\xff\"; "
            "download the file again");
  EXPECT_EQ(
      error([](GgufVocabulary& v) { v.tokens = replaced(v.tokens, 9, std::string(70000, 'a')); }),
      "tokenizer.token_too_long: smollm.gguf, tokenizer.ggml.tokens: expected tokens of at most 65536 bytes, found "
      "one of 70000; check that this is the file you meant");
  EXPECT_EQ(error([](GgufVocabulary& v) { v.merges = replaced(v.merges, 3, "ab"); }),
            "tokenizer.merge_syntax: smollm.gguf, tokenizer.ggml.merges, merge 3: expected two tokens with one space "
            "between them, found \"ab\"; download the file again");
  EXPECT_EQ(error([](GgufVocabulary& v) { v.merges = replaced(v.merges, 3, "a b c"); }).substr(0, 22),
            "tokenizer.merge_syntax");
  EXPECT_EQ(error([](GgufVocabulary& v) { v.merges = replaced(v.merges, 3, "a "); }).substr(0, 22),
            "tokenizer.merge_syntax");
  EXPECT_EQ(
      error([](GgufVocabulary& v) { v.merges = replaced(v.merges, 3, "a zzzzzz"); }),
      "tokenizer.merge_unknown_token: smollm.gguf, tokenizer.ggml.merges, merge 3: expected merges of tokens that "
      "are in the vocabulary, found \"zzzzzz\"; check that vocabulary and merges belong together");
}

/// The same file whose ids the recipe has recorded.
TEST(DefaultModelVocabulary, EqualsTheRecording) {
  const auto file = eigenformer::format::open_gguf(eigenformer::format::file_source(default_model()));
  const GgufVocabulary whole = vocabulary_of(*file);
  GgufVocabulary vocabulary{.model = whole.model, .pre = whole.pre};
  vocabulary.tokens = whole.tokens;
  vocabulary.merges = whole.merges;
  vocabulary.token_types = whole.token_types;
  const Tokenizer tokenizer = load_tokenizer_gguf(vocabulary);
  EXPECT_EQ(tokenizer.vocabulary_size(), 49152U);
  const nlohmann::json expected = recorded("smollm2");
  const std::vector<std::string> texts = hard_texts();
  for (std::size_t k = 0; k < texts.size(); ++k) {
    const std::string line = expected["texts"][k];
    ASSERT_EQ(line_of(tokenizer, texts[k], line), line) << k << ": " << testing::PrintToString(texts[k]);
  }
  for (const auto& [rule, text] : long_runs()) {
    const std::string line = expected["runs"].at(rule);
    EXPECT_EQ(line_of(tokenizer, text, line), line) << rule;
  }
}

}  // namespace
}  // namespace eigenformer_tests
