// Files that are wrong in one place: one error each, which names the place.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "eigenformer/tokenize/load.hpp"
#include "tests/tokenize/recorded.hpp"
#include "tests/tokenize/vocabulary_folder.hpp"

namespace eigenformer_tests {
namespace {

using Json = nlohmann::json;

class HostileTokenizer : public testing::Test {
 protected:
  /// The error of smollm's tokenizer.json after a change.
  std::string error(const std::function<void(Json&)>& change) {
    Json json = sound_;
    change(json);
    folder_.write("tokenizer.json", json.dump());
    return folder_.error();
  }
  struct UnknownType {
    const char* where;
    const char* stage;
    const char* first_known;
    const char* type;
  };
  /// The message names the place and the type, and lists the types that are known.
  static void expect_unknown_type(const std::string& error, const UnknownType& wanted) {
    EXPECT_THAT(error, testing::StartsWith(std::string("tokenizer.component: tokenizer.json, ") + wanted.where +
                                           ": expected " + wanted.stage + " " + wanted.first_known));
    EXPECT_THAT(error,
                testing::EndsWith(std::string(", found \"type\": \"") + wanted.type +
                                  "\"; use a model whose tokenizer this version reads, or the model's GGUF file"));
  }

  VocabularyFolder folder_;
  Json sound_ = Json::parse(file_text(k_tokenize_data / "smollm/tokenizer.json"));
};

TEST_F(HostileTokenizer, SoundLoads) {
  EXPECT_EQ(error([](Json&) {}), "no error");
}

TEST_F(HostileTokenizer, NoFiles) {
  EXPECT_EQ(folder_.error(),
            "tokenizer.missing: folder: expected tokenizer.json, vocab.txt, vocab.json and merges.txt, or a "
            "sentencepiece model, found none of them; download the model's tokenizer files into the folder");
}

TEST_F(HostileTokenizer, EveryPrefixOfAFileIsAnError) {
  Json small = sound_;
  small["model"]["vocab"] = {{"a", 0}, {"b", 1}, {"ab", 2}};
  small["model"]["merges"] = Json::array({Json::array({"a", "b"})});
  small["added_tokens"] = Json::array({{{"id", 3}, {"content", "<s>"}, {"special", true}}});
  const std::string text = small.dump();
  for (std::size_t length = 0; length < text.size(); ++length) {
    folder_.write("tokenizer.json", text.substr(0, length));
    EXPECT_EQ(folder_.error().substr(0, 19), "format.json_syntax:") << length;
  }
  folder_.write("tokenizer.json", text);
  EXPECT_EQ(folder_.error(), "no error");
}

TEST_F(HostileTokenizer, DeepJson) {
  std::string deep(100000, '[');
  folder_.write("tokenizer.json", "{\"added_tokens\":" + deep);
  EXPECT_EQ(folder_.error().substr(0, 18), "format.json_depth:");
  folder_.write("tokenizer.json", "{\"model\":{\"merges\":" + deep);
  EXPECT_EQ(folder_.error().substr(0, 22), "tokenizer.merge_value:");
}

TEST_F(HostileTokenizer, NormalizersMayNotLetATextGrowWithoutBound) {
  const auto chained = [&](int steps) {
    Json json = sound_;
    Json& list = json["normalizer"] = {{"type", "Sequence"}, {"normalizers", Json::array()}};
    for (int k = 0; k < steps; ++k) {
      list["normalizers"].push_back({{"type", "Replace"}, {"pattern", {{"String", "a"}}}, {"content", "aaaaaaaa"}});
    }
    folder_.write("tokenizer.json", json.dump());
    const auto tokenizer = eigenformer::tokenize::load_tokenizer_folder(folder_.path());
    return error_of([&] { tokenizer.encode("a text"); });
  };
  EXPECT_EQ(chained(5), "no error");
  EXPECT_EQ(chained(12),
            "tokenizer.normalized_size: Tokenizer::encode: expected a normalizer that makes at most 67072 bytes of 6, "
            "found more; use the tokenizer that belongs to the model");
}

TEST_F(HostileTokenizer, Vocabulary) {
  EXPECT_EQ(error([](Json& j) { j["model"]["vocab"]["new"] = 5000; }),
            "tokenizer.vocabulary_id: tokenizer.json, model.vocab: expected ids from 0 to 2625 for 801 tokens, found "
            "5000 for the token \"new\"; download the file again, or rebuild the vocabulary");
  EXPECT_EQ(error([](Json& j) { j["model"]["vocab"]["new"] = -1; }).substr(0, 24), "tokenizer.vocabulary_id:");
  EXPECT_EQ(error([](Json& j) { j["model"]["vocab"]["new"] = 2000; }), "no error");  // a few ids may have no token
  EXPECT_EQ(error([](Json& j) {
              j["model"]["vocab"].erase("!");
              j["model"]["vocab"]["zz"] = 799;
            }).substr(0, 23),
            "tokenizer.duplicate_id:");
  EXPECT_EQ(error([](Json& j) { j["model"]["vocab"]["!"] = "3"; }),
            "tokenizer.vocabulary_value: tokenizer.json: expected a whole number as the id of \"!\", found a string; "
            "download the file again");
  EXPECT_EQ(error([](Json& j) { j["model"]["vocab"]["!"] = 1.5; }).substr(0, 27), "tokenizer.vocabulary_value:");
  EXPECT_EQ(error([](Json& j) { j["model"]["vocab"]["!"] = {1}; }).substr(0, 27), "tokenizer.vocabulary_value:");
  EXPECT_EQ(error([](Json& j) { j["model"]["vocab"] = Json::object(); }),
            "tokenizer.vocabulary_empty: tokenizer.json, model.vocab: expected a vocabulary with tokens, found none; "
            "download the file again");
  EXPECT_EQ(
      error([](Json& j) { j["model"].erase("vocab"); }),
      "tokenizer.component: tokenizer.json, model: expected a vocabulary, found \"vocab\": none; use a model whose "
      "tokenizer this version reads, or the model's GGUF file");
  EXPECT_EQ(error([](Json& j) { j["model"]["vocab"] = 3; }).substr(0, 20), "tokenizer.component:");
}

TEST_F(HostileTokenizer, ScoredTokens) {
  const auto vocabulary = [&](const char* text) {
    return error([&](Json& j) { j["model"]["vocab"] = Json::parse(text); });
  };
  EXPECT_EQ(
      vocabulary(R"([["a",0],["b",-1.5]])"),
      "tokenizer.component: tokenizer.json, model: expected an object of tokens and ids, found \"vocab\": null; use "
      "a model whose tokenizer this version reads, or the model's GGUF file");
  EXPECT_EQ(
      vocabulary(R"([["a",0],["b"]])"),
      "tokenizer.scored_token: tokenizer.json, token 1: expected tokens as [\"token\", score], found an array that "
      "ends too early; download the file again");
  for (const char* text : {R"(["a"])", R"([0])", "[null]", R"([[0,"a"]])", R"([["a",0,1]])", R"([["a","b"]])",
                           R"([{}])", R"([["a",[]]])", R"([["a",true]])", R"([[]])"}) {
    EXPECT_EQ(vocabulary(text).substr(0, 23), "tokenizer.scored_token:") << text;
  }
}

TEST_F(HostileTokenizer, Merges) {
  EXPECT_EQ(error([](Json& j) { j["model"]["merges"][4] = "a"; }),
            "tokenizer.merge_syntax: tokenizer.json, merge 4: expected two tokens with one space between them, found "
            "\"a\"; download the file again");
  EXPECT_EQ(error([](Json& j) { j["model"]["merges"][4] = Json::array({"a"}); }),
            "tokenizer.merge_value: tokenizer.json, merge 4: expected merges as \"left right\" or as [\"left\", "
            "\"right\"], found a pair without two texts; download the file again");
  EXPECT_EQ(error([](Json& j) { j["model"]["merges"][4] = {"a", "b", "c"}; }).substr(0, 22), "tokenizer.merge_value:");
  EXPECT_EQ(error([](Json& j) { j["model"]["merges"][4] = 7; }).substr(0, 22), "tokenizer.merge_value:");
  EXPECT_EQ(error([](Json& j) { j["model"]["merges"][4] = {"a", 7}; }).substr(0, 22), "tokenizer.merge_value:");
  EXPECT_EQ(error([](Json& j) { j["model"]["merges"][4] = {{"a", 7}}; }).substr(0, 22), "tokenizer.merge_value:");
  EXPECT_EQ(
      error([](Json& j) {
        j["model"]["merges"][4] = {"qqq", "b"};
      }),
      "tokenizer.merge_unknown_token: tokenizer.json, model.merges, merge 4: expected merges of tokens that are in "
      "the vocabulary, found \"qqq\"; check that vocabulary and merges belong together");
}

TEST_F(HostileTokenizer, ModelKeys) {
  const auto model = [&](const char* key, const Json& value) {
    return error([&](Json& j) { j["model"][key] = value; });
  };
  expect_unknown_type(model("type", "Oracle"), {"model", "a model", "BPE", "Oracle"});
  EXPECT_EQ(
      model("dropout", 0.1),
      "tokenizer.component: tokenizer.json, model: expected no dropout, found \"dropout\": 0.1; use a model whose "
      "tokenizer this version reads, or the model's GGUF file");
  EXPECT_EQ(model("dropout", 0.0), "no error");
  EXPECT_EQ(
      model("fuse_unk", "yes"),
      "tokenizer.key_type: tokenizer.json, model: expected true or false for the key \"fuse_unk\", found \"yes\"; "
      "download the file again");
  EXPECT_EQ(model("unk_token", "<none>"),
            "tokenizer.unknown_token: tokenizer.json, model.merges: expected an unknown token that is in the "
            "vocabulary, found \"<none>\"; download the file again");
  EXPECT_EQ(
      model("surprise", 1),
      "tokenizer.key_unknown: tokenizer.json, model: expected only keys that are understood, found \"surprise\": 1; "
      "use a version of the library that knows the key");
}

TEST_F(HostileTokenizer, Stages) {
  const auto stage = [&](const char* key, const char* text) {
    return error([&](Json& j) { j[key] = Json::parse(text); });
  };
  const std::string remedy = "; use a model whose tokenizer this version reads, or the model's GGUF file";
  expect_unknown_type(stage("pre_tokenizer", R"({"type":"Scissors"})"),
                      {"pre_tokenizer", "a pre-tokenizer", "ByteLevel", "Scissors"});
  EXPECT_EQ(stage("pre_tokenizer", R"({"type":"Sequence","pretokenizers":[{"type":"ByteLevel","add_prefix_space":false,
                                       "trim_offsets":true},{"type":"Digits","individual_digits":true}]})"),
            "no error");
  EXPECT_EQ(stage("pre_tokenizer", R"({"type":"Sequence","pretokenizers":[null]})").substr(0, 24),
            "tokenizer.not_an_object:");
  EXPECT_EQ(stage("pre_tokenizer", "null"), "no error");
  EXPECT_EQ(stage("pre_tokenizer", "[]"),
            "tokenizer.not_an_object: tokenizer.json, pre_tokenizer: expected an object, found an array; download the "
            "file again");
  EXPECT_EQ(stage("pre_tokenizer", R"({"type":"Digits"})"),
            "tokenizer.key_missing: tokenizer.json, pre_tokenizer: expected the key \"individual_digits\", found none; "
            "download the file again");
  EXPECT_EQ(
      stage("pre_tokenizer", R"({"type":"Split","pattern":{"String":""},"behavior":"Isolated","invert":false})"),
      "tokenizer.component: tokenizer.json, pre_tokenizer: expected a pattern that is not empty, found \"pattern\": "
      "an object" +
          remedy);
  EXPECT_EQ(stage("pre_tokenizer", R"({"type":"Split","pattern":{"String":"a"},"behavior":"Kept","invert":false})"),
            "tokenizer.component: tokenizer.json, pre_tokenizer: expected Removed, Isolated, MergedWithPrevious, "
            "MergedWithNext or Contiguous, found \"behavior\": \"Kept\"" +
                remedy);
  expect_unknown_type(stage("normalizer", R"({"type":"Sequence","normalizers":[{"type":"NFC"},{"type":"Tidy"}]})"),
                      {"normalizer.normalizers[1]", "a normalizer", "NFC", "Tidy"});
  EXPECT_EQ(stage("normalizer", R"({"type":"Sequence","normalizers":[null]})").substr(0, 24),
            "tokenizer.not_an_object:");
  EXPECT_EQ(stage("normalizer", R"({"type":"Replace","pattern":{"Regex":"(a"},"content":""})").substr(0, 25),
            "tokenizer.pattern_syntax:");
  expect_unknown_type(stage("decoder", R"({"type":"Sequence","decoders":[{"type":"Oracle"}]})"),
                      {"decoder.decoders[0]", "a decoder", "ByteLevel", "Oracle"});
  EXPECT_EQ(stage("decoder", R"({"type":"Sequence","decoders":[null]})").substr(0, 24), "tokenizer.not_an_object:");
  EXPECT_EQ(stage("decoder", "null"), "no error");
  EXPECT_EQ(stage("decoder", R"({"type":"Sequence","decoders":[{"type":"ByteLevel"},{"type":"Fuse"}]})"), "no error");
  expect_unknown_type(stage("post_processor", R"({"type":"Stamp"})"),
                      {"post_processor", "a post-processor", "ByteLevel", "Stamp"});
  EXPECT_EQ(stage("version", R"("2.0")").substr(0, 20), "tokenizer.component:");
  EXPECT_EQ(stage("novelty", "{}").substr(0, 22), "tokenizer.key_unknown:");
}

TEST_F(HostileTokenizer, Template) {
  const auto with = [&](const std::string& single, const std::string& ids) {
    return error([&](Json& j) {
      j["post_processor"] =
          Json::parse(R"({"type":"TemplateProcessing","pair":[],"single":)" + single +
                      R"(,"special_tokens":{"<s>":{"id":"<s>","ids":)" + ids + R"(,"tokens":["<s>"]}}})");
    });
  };
  const std::string sound = R"([{"SpecialToken":{"id":"<s>","type_id":0}},{"Sequence":{"id":"A","type_id":0}}])";
  EXPECT_EQ(with(sound, "[1]"), "no error");
  EXPECT_EQ(with(sound, "[800]"),
            "tokenizer.component: tokenizer.json, post_processor.special_tokens.<s>: expected ids below 800, found "
            "\"ids\": an array; use a model whose tokenizer this version reads, or the model's GGUF file");
  EXPECT_EQ(with(sound, "[-1]").substr(0, 20), "tokenizer.component:");
  EXPECT_EQ(with("[]", "[1]").substr(0, 20), "tokenizer.component:");
  EXPECT_EQ(with(R"([{"SpecialToken":{"id":"<t>","type_id":0}}])", "[1]").substr(0, 22), "tokenizer.key_missing:");
}

TEST_F(HostileTokenizer, TemplateWithTheKeysOfByteLevel) {
  const auto with = [&](const std::string& key) {
    return error([&](Json& j) {
      j["post_processor"] =
          Json::parse(R"({"type":"TemplateProcessing","single":[{"Sequence":{"id":"A","type_id":0}}],)"
                      R"("pair":[],"special_tokens":{}})");
      j["post_processor"][key] = true;
    });
  };
  for (const char* key : {"add_prefix_space", "trim_offsets", "use_regex"}) EXPECT_EQ(with(key), "no error");
  EXPECT_EQ(with("add_suffix_space").substr(0, 22), "tokenizer.key_unknown:");
}

TEST_F(HostileTokenizer, AddedTokens) {
  const auto add = [&](const Json& token) { return error([&](Json& j) { j["added_tokens"].push_back(token); }); };
  EXPECT_EQ(add({{"id", 800}, {"content", "<new>"}, {"special", true}}), "no error");
  EXPECT_EQ(
      add({{"id", 900}, {"content", "<new>"}, {"special", true}}),
      "tokenizer.added_token_id: tokenizer.json, added_tokens: expected the id 800 for the added token \"<new>\": "
      "that of the vocabulary, or the next one, found 900; download the file again, or list the added tokens by "
      "ascending id without holes");
  EXPECT_EQ(add({{"id", -800}, {"content", "<new>"}}).substr(0, 25), "tokenizer.added_token_id:");
  EXPECT_EQ(add({{"id", 18446744073709551615U}, {"content", "<new>"}}).substr(0, 19), "tokenizer.key_type:");
  EXPECT_EQ(add({{"id", 800}, {"content", std::string(2000, 'x')}}),
            "tokenizer.added_token_text: tokenizer.json, added_tokens: expected added tokens of 1 to 1024 bytes, found "
            "one of 2000; remove it from the file");
  EXPECT_EQ(add({{"id", 800}, {"content", ""}}).substr(0, 27), "tokenizer.added_token_text:");
  EXPECT_EQ(add({{"id", 800}, {"content", 3}}).substr(0, 19), "tokenizer.key_type:");
  EXPECT_EQ(add({{"id", 800}, {"content", "<new>"}, {"strip", true}}).substr(0, 22), "tokenizer.key_unknown:");
  EXPECT_EQ(add(Json("<new>")).substr(0, 24), "tokenizer.not_an_object:");
}

TEST_F(HostileTokenizer, ConfigFiles) {
  ASSERT_EQ(error([](Json&) {}), "no error");
  folder_.write("tokenizer_config.json", R"({"added_tokens_decoder":{"1x":{"content":"<a>"}}})");
  EXPECT_EQ(folder_.error(),
            "tokenizer.added_token_key: tokenizer_config.json, added_tokens_decoder: expected an id as the key of an "
            "added token, found \"1x\"; download the file again");
  folder_.write("tokenizer_config.json", R"({"added_tokens_decoder":{"99999999999999999999":{"content":"<a>"}}})");
  EXPECT_EQ(folder_.error().substr(0, 26), "tokenizer.added_token_key:");
  folder_.write("tokenizer_config.json", "[]");
  EXPECT_EQ(folder_.error().substr(0, 24), "tokenizer.not_an_object:");
  folder_.write("tokenizer_config.json", R"({"bos_token":"<|im_start|>","eos_token":null,"model_max_length":1e30})");
  EXPECT_EQ(folder_.error(), "no error");
  folder_.write("added_tokens.json", R"({"<a>":"800"})");
  EXPECT_EQ(
      folder_.error(),
      "tokenizer.added_token_value: added_tokens.json: expected a whole number as the id of \"<a>\", found string; "
      "download the file again");
}

}  // namespace
}  // namespace eigenformer_tests
