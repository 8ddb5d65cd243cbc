// Kinds of attack that other libraries have met (docs/hostile_inputs.md) and no test of a single parser shows.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "eigenformer/model.hpp"
#include "tests/format/builders.hpp"
#include "tests/format/torch_builders.hpp"
#include "tests/hostile/mutations.hpp"
#include "tests/hostile/seeds.hpp"
#include "tests/hostile/uses.hpp"
#include "tests/support/counted_memory.hpp"
#include "tests/support/errors.hpp"

namespace eigenformer_tests::hostile {
namespace {

namespace fs = std::filesystem;

/// A sound model in a folder of a test's own.
class ModelFolder {
 public:
  explicit ModelFolder(const Seed& seed)
      : path_(fs::path(testing::TempDir()) /
              ("rows_" + std::to_string(getpid()) + testing::UnitTest::GetInstance()->current_test_info()->name())) {
    fs::remove_all(path_);
    fs::create_directories(path_);
    for (const auto& [name, text] : files_beside(seed)) write(name, text);
    write(seed.file_name, seed.bytes);
  }
  ~ModelFolder() { fs::remove_all(path_); }
  ModelFolder(const ModelFolder&) = delete;
  ModelFolder& operator=(const ModelFolder&) = delete;

  fs::path operator/(const std::string& name) const { return path_ / name; }
  void write(const std::string& name, const std::string& text) const {
    fs::remove(path_ / name);
    std::ofstream(path_ / name, std::ios::binary) << text;
  }
  std::string text(const std::string& name) const {
    std::ifstream file(path_ / name, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  void replace(const std::string& name, const std::string& from, const std::string& to) const {
    std::string changed = text(name);
    const std::size_t at = changed.find(from);
    ASSERT_NE(at, std::string::npos) << from;
    write(name, changed.replace(at, from.size(), to));
  }
  std::string error_id() const {
    return error_id_of([&] { use_folder(path_); });
  }

 private:
  fs::path path_;
};

Seed decoder() { return safetensors_format().seeds[0]; }
Seed index_of_two() { return safetensors_format().seeds[1]; }

TEST(HostileFolder, FilesOfAModelAreRegularFiles) {
  const ModelFolder folder(index_of_two());
  EXPECT_EQ(folder.error_id(), "no error");
  for (const char* name : {"config.json", "tokenizer.json", "model.safetensors.index.json",
                           "model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"}) {
    const std::string sound = folder.text(name);
    fs::remove(folder / name);
    ASSERT_EQ(mkfifo((folder / name).c_str(), 0600), 0);
    EXPECT_EQ(folder.error_id(), "system.not_a_regular_file") << name << ", a pipe that nobody writes";
    fs::remove(folder / name);
    fs::create_symlink("/dev/zero", folder / name);
    EXPECT_EQ(folder.error_id(), "system.not_a_regular_file") << name << ", a device";
    fs::remove(folder / name);
    fs::create_directory(folder / name);
    EXPECT_EQ(folder.error_id(), "system.not_a_regular_file") << name << ", a folder";
    fs::remove(folder / name);
    folder.write("elsewhere", sound);
    fs::create_symlink(folder / "elsewhere", folder / name);
    EXPECT_EQ(folder.error_id(), "no error") << name << ", a link as the hub's cache has them";
    folder.write(name, sound);
  }
}

TEST(HostileFolder, AWebPageInAnyPlace) {
  const std::string page = "<!DOCTYPE html><html><head><title>404</title></head></html>";
  const ModelFolder folder(index_of_two());
  for (const char* name : {"config.json", "tokenizer.json", "model.safetensors.index.json"}) {
    const std::string sound = folder.text(name);
    folder.write(name, page);
    EXPECT_EQ(folder.error_id(), "format.json_syntax") << name;
    folder.write(name, sound);
  }
  folder.write("model-00001-of-00002.safetensors", page);
  EXPECT_EQ(folder.error_id(), "format.safetensors_header_size");
  EXPECT_EQ(error_id_of([&] { use_gguf(page); }), "format.gguf_magic");
  EXPECT_EQ(error_id_of([&] { use_torch(page); }), "format.torch_magic");
  EXPECT_EQ(error_id_of([&] { use_sentencepiece(page); }), "tokenizer.protobuf_syntax");
}

TEST(HostileFolder, SizesThatAConfigAloneClaims) {
  const ModelFolder folder(decoder());
  EXPECT_EQ(folder.error_id(), "no error");
  const std::string sound = folder.text("config.json");
  const auto claimed = [&](const std::string& from, const std::string& to) {
    folder.replace("config.json", from, to);
    std::string id;
    const std::size_t peak = peak_of([&] { id = folder.error_id(); });
    EXPECT_LE(peak, std::size_t{8} << 20U) << to;
    folder.write("config.json", sound);
    return id;
  };
  const std::string layers = R"("num_hidden_layers":)", heads = R"("num_attention_heads":)",
                    vocabulary = R"("vocab_size":)";
  for (const char* number : {"0", "-1", "4097", "4294967297", "1e3", "\"1\""}) {
    EXPECT_THAT(claimed(layers + "1", layers + number), testing::AnyOf("config.range", "config.type")) << number;
  }
  for (const char* number : {"0", "-4", "16777217"}) EXPECT_EQ(claimed(heads + "4", heads + number), "config.range");
  EXPECT_EQ(claimed(layers + "1", layers + "4096"), "weight.missing");
  EXPECT_EQ(claimed(vocabulary + "32", vocabulary + "16777216"), "weight.shape");
  EXPECT_EQ(claimed(R"("hidden_size":32)", R"("head_dim":16777216,"hidden_size":32)"), "weight.shape");
  EXPECT_EQ(claimed(R"("hidden_size":32)", R"("hidden_size":16777216)"), "weight.shape");
}

TEST(HostileFolder, IdsOfEndTokensBeyondTheVocabularyEndNothing) {
  const ModelFolder folder(decoder());
  folder.write("generation_config.json", R"({"eos_token_id":[32,-1,4294967298,18446744073709551615,2]})");
  const auto model = eigenformer::load(folder / ".", {.threads = 1});
  EXPECT_THAT(model.end_tokens(), testing::ElementsAre(2));
}

/// The first GGUF seed with one text in the place of another.
std::string gguf_with(const std::string& from, const std::string& to) {
  std::string bytes = gguf_format().seeds[0].bytes;
  const std::size_t at = bytes.find(from);
  EXPECT_NE(at, std::string::npos);
  return bytes.replace(at, from.size(), to);
}

TEST(HostileVocabulary, TokensOfBytesHaveTwoDigits) {
  for (const char* token : {"<0x-1>", "<0x 1>", "<0x1G>", "<0xA\">"}) {
    // an ordinary token then, which stands for its own characters
    const auto model = gguf_with("<0x0A>", token);
    EXPECT_EQ(error_id_of([&] { use_gguf(model); }), "no error") << token;
    const auto loaded = eigenformer::load_from_memory(std::as_bytes(std::span(model)), {.threads = 1});
    EXPECT_EQ(loaded.tokenizer().token_bytes(15), token);
  }
}

TEST(HostileVocabulary, APieceOf100Kilobytes) {
  std::string vocabulary = tokenizer_format().seeds[0].bytes;
  const std::string key = R"("cat":18)";
  vocabulary.replace(vocabulary.find(key), key.size(), "\"" + std::string(100'000, 'a') + "\":18");
  const ModelFolder folder(decoder());
  folder.write("tokenizer.json", vocabulary);
  EXPECT_EQ(folder.error_id(), "tokenizer.token_too_long");
}

// ---- megabytes of what costs the most for each of its bytes

std::string filled(std::size_t bytes, const std::string& first, const std::string& unit, const std::string& last) {
  std::string text = first;
  while (text.size() + unit.size() + last.size() < bytes) text += unit;
  return text + last;
}

std::string text_of_bytes(const Bytes& bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

void expect_little_memory(const std::string& what, std::size_t file_bytes, const std::function<void()>& use) {
  std::string id;
  const std::size_t peak = peak_of([&] { id = error_id_of(use); });
  EXPECT_LE(peak, file_bytes + (std::size_t{64} << 20U)) << what << ": " << id;
  EXPECT_NE(id, "system.memory") << what;
}

TEST(HostileMemory, JsonOfManySmallValues) {
  const ModelFolder folder(decoder());
  const std::string page = R"({"eos_token_id":[)";
  const std::pair<const char*, std::size_t> files[] = {{"config.json", std::size_t{4} << 20U},
                                                       {"tokenizer.json", std::size_t{16} << 20U}};
  for (const auto& [name, bytes] : files) {
    const std::string sound = folder.text(name);
    for (const char* unit : {"{},", "0,", "[[[]]],"}) {
      const std::string text = filled(bytes - 100, page, unit, "0]}");
      folder.write(name, text);
      expect_little_memory(std::string(name) + " of " + unit, text.size(),
                           [&] { EXPECT_EQ(folder.error_id(), "format.json_size"); });
    }
    folder.write(name, sound);
  }
}

TEST(HostileMemory, DirectoriesOfManySmallEntries) {
  GgufBuilder pairs, tensors;
  for (int i = 0; i < 300'000; ++i) pairs.value(std::to_string(i), 0, std::uint8_t{1});
  for (std::uint64_t i = 0; i < 200'000; ++i) tensors.tensor({std::to_string(i), {1}, 0, 32 * i});
  tensors.data_bytes = std::size_t{200'000} * 32;
  for (const std::string& bytes : {text_of_bytes(pairs.build()), text_of_bytes(tensors.build())}) {
    expect_little_memory("GGUF", bytes.size(), [&] { use_gguf(bytes); });
  }
  EXPECT_EQ(error_id_of([&] { use_gguf(text_of_bytes(pairs.build())); }), "format.gguf_pairs");
  std::string header;
  for (int i = 0; i < 100'000; ++i) {
    header += (i == 0 ? "{\"" : ",\"") + std::to_string(i) + R"(":{"dtype":"U8","shape":[1],"data_offsets":[)" +
              std::to_string(i) + "," + std::to_string(i + 1) + "]}";
  }
  const std::string bytes = text_of_bytes(safetensors_of(header + "}", 100'000));
  expect_little_memory("safetensors", bytes.size(), [&] { use_safetensors(bytes); });
}

/// A file of a vocabulary, and of a table with a row for each of its tokens or for one.
class GgufOfTokens {
 public:
  enum Type : std::int32_t { normal = 1, control = 3 };
  GgufOfTokens(const std::string& model, const std::vector<std::string>& tokens, Type type = normal) {
    builder_.text("general.architecture", "llama")
        .text("tokenizer.ggml.model", model)
        .text("tokenizer.ggml.pre", "gpt-2")
        .texts("tokenizer.ggml.tokens", tokens)
        .value("tokenizer.ggml.unknown_token_id", k_u32, std::uint32_t{0})
        .value("tokenizer.ggml.bos_token_id", k_u32, std::uint32_t{0})
        .value("tokenizer.ggml.eos_token_id", k_u32, std::uint32_t{0})
        .array("tokenizer.ggml.token_type", 5, std::vector<std::int32_t>(tokens.size(), type))
        .array("tokenizer.ggml.scores", 6, std::vector<float>(tokens.size(), 0.0F))
        .texts("tokenizer.ggml.merges", {});
  }
  std::string with_rows(std::uint64_t rows) {
    builder_.tensor({"token_embd.weight", {2, rows}, 0, 0});
    builder_.data_bytes = 8 * rows;
    return text_of_bytes(builder_.build());
  }

 private:
  static constexpr std::uint32_t k_u32 = 4;
  GgufBuilder builder_;
};

std::vector<std::string> numbers_as_tokens(std::size_t count) {
  std::vector<std::string> tokens;
  for (std::size_t k = 0; k < count; ++k) tokens.push_back(std::to_string(k));
  return tokens;
}

TEST(HostileMemory, VocabulariesOfManyTokens) {
  const std::vector<std::string> many = numbers_as_tokens(1'000'000), some = numbers_as_tokens(150'000);
  const std::string without_rows = GgufOfTokens("gpt2", many).with_rows(1);
  expect_little_memory("tokens without rows", without_rows.size(), [&] {
    EXPECT_EQ(error_id_of([&] { use_gguf(without_rows); }), "tokenizer.vocabulary_beyond_model");
  });
  for (const char* model : {"gpt2", "llama", "t5", "bert"}) {
    const std::string bytes = GgufOfTokens(model, some).with_rows(some.size());
    expect_little_memory(model, bytes.size(),
                         [&] { EXPECT_EQ(error_id_of([&] { use_gguf(bytes); }), "config.missing"); });
  }
}

/// Every piece of a long one merges with every other.
TEST(HostileMemory, PiecesThatAreCutInManyWays) {
  std::vector<std::string> pieces = {"<unk>"};
  for (std::size_t length = 1; length < 3000; ++length) pieces.emplace_back(length, 'a');
  const std::string bytes = GgufOfTokens("llama", pieces).with_rows(pieces.size());
  expect_little_memory("pieces of one letter", bytes.size(),
                       [&] { EXPECT_EQ(error_id_of([&] { use_gguf(bytes); }), "tokenizer.vocabulary_size"); });
}

/// A trie has a node for each of their bytes.
TEST(HostileMemory, LongTokensThatHaveNothingInCommon) {
  std::vector<std::string> tokens;
  std::uint64_t state = 1;
  for (int number = 0; number < 16'000; ++number) {
    std::string& token = tokens.emplace_back();
    for (int byte = 0; byte < 1000; ++byte) {
      state = state * 6364136223846793005U + 1442695040888963407U;
      token += static_cast<char>('a' + (state >> 33U) % 26);
    }
  }
  for (const auto& [model, type] : {std::pair("gpt2", GgufOfTokens::control), std::pair("llama", GgufOfTokens::normal),
                                    std::pair("t5", GgufOfTokens::normal), std::pair("bert", GgufOfTokens::normal)}) {
    const std::string bytes = GgufOfTokens(model, tokens, type).with_rows(tokens.size());
    expect_little_memory(model, bytes.size(), [&, &name = model] {
      EXPECT_EQ(error_id_of([&] { use_gguf(bytes); }), "tokenizer.vocabulary_size") << name;
    });
  }
}

TEST(HostileMemory, PicklesOfManySmallOpcodes) {
  const auto stream_of = [](const std::string& opcodes) {
    PickleBuilder pickle;
    pickle.ops("}").text("t").tensor({.stream = true}, {.size = {1}, .stride = {1}}).put(0).ops("s");
    return text_of_bytes(torch_stream_of(pickle.text("x").ops(opcodes).ops("s.").bytes()));
  };
  for (const char opcode : {'N', '}', ')'}) {
    const std::string bytes =
        stream_of(filled(std::size_t{15} << 20U, "]", "(" + std::string(50'000, opcode) + "e", std::string()));
    expect_little_memory(std::string("pickle of ") + opcode, bytes.size(), [&] { use_torch(bytes); });
  }
  const std::string memo = stream_of("N" + std::string(std::size_t{15} << 20U, '\x94'));
  expect_little_memory("pickle that remembers", memo.size(), [&] { use_torch(memo); });
}

TEST(HostileChat, SavedChatsThatWereDamaged) {
  std::string saved =
      R"({"format":"eigenformer chat","version":1,"numerics":1,"model":{"source":"m","architecture":"a"},)"
      R"("messages":[{"role":"system","content":"be kind"},{"role":"user","content":"hi \ud83e\udd8a"}]})";
  const Mutations mutations({{"chat", {}, saved, json_parts(saved)}}, 3);
  std::size_t loaded = 0;
  for (std::size_t number = 0; number < 1000; ++number) {
    const Mutant mutant = mutations.make(number);
    const std::string id = error_id_of([&] { use_saved_chat(mutant.bytes); });
    if (id == "no error") ++loaded;
    ASSERT_THAT(id, testing::AnyOf("no error", "chat.saved", testing::StartsWith("format.json_"))) << number;
  }
  EXPECT_GT(loaded, 50U);
}

}  // namespace
}  // namespace eigenformer_tests::hostile
