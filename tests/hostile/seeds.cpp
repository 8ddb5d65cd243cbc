#include "tests/hostile/seeds.hpp"

#include <algorithm>
#include <cstring>
#include <fstream>
#include <functional>
#include <iterator>
#include <numeric>
#include <utility>

#include "tests/format/builders.hpp"
#include "tests/format/torch_builders.hpp"
#include "tests/support/source_folder.hpp"

namespace eigenformer_tests::hostile {

namespace {

namespace fs = std::filesystem;

std::string file_text(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}
std::string data(const char* name) { return file_text(k_source / "tests/hostile/data" / name); }
std::string text_of(const Bytes& bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }
template <class T>
std::string bytes_of(T value) {
  std::string bytes(sizeof(T), '\0');
  std::memcpy(bytes.data(), &value, sizeof(T));
  return bytes;
}

// ---- a decoder of one layer, hidden size 32, two heads, 32 tokens

struct TensorShape {
  std::string name;
  std::vector<std::int64_t> shape;
  std::int64_t count() const {
    return std::accumulate(shape.begin(), shape.end(), std::int64_t{1}, std::multiplies<>());
  }
};

const std::vector<TensorShape>& decoder_tensors() {
  static const std::vector<TensorShape> tensors = {{"model.embed_tokens.weight", {32, 32}},
                                                   {"model.layers.0.input_layernorm.weight", {32}},
                                                   {"model.layers.0.self_attn.q_proj.weight", {32, 32}},
                                                   {"model.layers.0.self_attn.k_proj.weight", {16, 32}},
                                                   {"model.layers.0.self_attn.v_proj.weight", {16, 32}},
                                                   {"model.layers.0.self_attn.o_proj.weight", {32, 32}},
                                                   {"model.layers.0.post_attention_layernorm.weight", {32}},
                                                   {"model.layers.0.mlp.gate_proj.weight", {32, 32}},
                                                   {"model.layers.0.mlp.up_proj.weight", {32, 32}},
                                                   {"model.layers.0.mlp.down_proj.weight", {32, 32}},
                                                   {"model.norm.weight", {32}}};
  return tensors;
}

constexpr const char* k_decoder_config =
    R"({"architectures":["LlamaForCausalLM"],"model_type":"llama","hidden_size":32,"intermediate_size":32,)"
    R"("num_hidden_layers":1,"num_attention_heads":4,"num_key_value_heads":2,"vocab_size":32,"rms_norm_eps":1e-5,)"
    R"("max_position_embeddings":64,"rope_theta":10000.0,"tie_word_embeddings":true,"hidden_act":"silu",)"
    R"("bos_token_id":0,"eos_token_id":[1,2]})";

/// A value of weight `index`; those of norms are near one.
float weight(std::int64_t index, bool is_norm) {
  const float value = static_cast<float>(index * 37 % 17 - 8) / 32;
  return is_norm ? 1 + value : value;
}
bool is_norm(const TensorShape& tensor) { return tensor.shape.size() == 1; }

// ---- safetensors

std::string shape_text(const std::vector<std::int64_t>& shape) {
  std::string text;
  for (const std::int64_t size : shape) text += (text.empty() ? "" : ",") + std::to_string(size);
  return "[" + text + "]";
}

/// F32, or BF16, of which an F32 is the upper half.
struct ElementType {
  const char* name;
  std::size_t bytes;
};
constexpr ElementType k_f32{"F32", 4}, k_bf16{"BF16", 2};

std::string safetensors_of_tensors(const std::vector<TensorShape>& tensors, const ElementType& type) {
  std::string header = R"({"__metadata__":{"format":"pt"})", values;
  for (const TensorShape& tensor : tensors) {
    const std::size_t begin = values.size();
    for (std::int64_t i = 0; i < tensor.count(); ++i) {
      values += bytes_of(weight(i, is_norm(tensor))).substr(4 - type.bytes);
    }
    header += ",\"" + tensor.name + R"(":{"dtype":")" + type.name + R"(","shape":)" + shape_text(tensor.shape) +
              R"(,"data_offsets":[)" + std::to_string(begin) + "," + std::to_string(values.size()) + "]}";
  }
  header += "}";
  return bytes_of(std::uint64_t{header.size()}) + header + values;
}

std::vector<TensorShape> half_of_decoder(bool is_second) {
  const std::vector<TensorShape>& all = decoder_tensors();
  return is_second ? std::vector<TensorShape>(all.begin() + 5, all.end())
                   : std::vector<TensorShape>(all.begin(), all.begin() + 5);
}

constexpr const char* k_shard_names[] = {"model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"};

std::string index_of_shards() {
  std::string map;
  for (const bool is_second : {false, true}) {
    for (const TensorShape& tensor : half_of_decoder(is_second)) {
      map += (map.empty() ? "\"" : ",\"") + tensor.name + "\":\"" + k_shard_names[is_second ? 1 : 0] + "\"";
    }
  }
  return R"({"metadata":{"total_size":40000},"weight_map":{)" + map + "}}";
}

Seed safetensors_seed(std::string name, std::string file_name, std::string bytes) {
  std::vector<Part> parts = safetensors_parts(bytes);
  return {std::move(name), std::move(file_name), std::move(bytes), std::move(parts), Seed::Boundaries::each};
}

Seed json_seed(std::string name, std::string file_name, std::string bytes) {
  std::vector<Part> parts = json_parts(bytes);
  return {std::move(name), std::move(file_name), std::move(bytes), std::move(parts), Seed::Boundaries::each};
}

// ---- GGUF

/// A table of replacements that makes an "a" of an "A".
std::string small_charsmap() {
  std::vector<std::uint32_t> cells(256, 0);
  cells[0] = 1U << 10U;                       // its child for "A" is cell 0 ^ 1 ^ 'A'
  cells['A' ^ 1] = 0x100U | 2U << 10U | 'A';  // which has a value, in cell ('A' ^ 1) ^ 2
  cells['A' ^ 3] = 0x80000000U;               // the text at place 0
  std::string bytes = bytes_of(std::uint32_t{1024});
  for (const std::uint32_t cell : cells) bytes += bytes_of(cell);
  return bytes + std::string("a\0", 2);
}

std::string gguf_name(const std::string& name) {
  const std::pair<const char*, const char*> names[] = {
      {"embed_tokens", "token_embd.weight"},       {"input_layernorm", "blk.0.attn_norm.weight"},
      {"q_proj", "blk.0.attn_q.weight"},           {"k_proj", "blk.0.attn_k.weight"},
      {"v_proj", "blk.0.attn_v.weight"},           {"o_proj", "blk.0.attn_output.weight"},
      {"post_attention", "blk.0.ffn_norm.weight"}, {"gate_proj", "blk.0.ffn_gate.weight"},
      {"up_proj", "blk.0.ffn_up.weight"},          {"down_proj", "blk.0.ffn_down.weight"},
      {"model.norm", "output_norm.weight"}};
  for (const auto& [part, file] : names) {
    if (name.find(part) != std::string::npos) return file;
  }
  return name;
}

/// A matrix in Q8_0: a half of 1/64 and 32 codes for each block.
std::string q8_0(std::int64_t values) {
  std::string bytes;
  for (std::int64_t block = 0; block < values / 32; ++block) {
    bytes += bytes_of(std::uint16_t{0x2400});
    for (int code = 0; code < 32; ++code) bytes.push_back(static_cast<char>((code * 37 + block) % 17 - 8));
  }
  return bytes;
}
std::string f32(const TensorShape& tensor) {
  std::string bytes;
  for (std::int64_t i = 0; i < tensor.count(); ++i) bytes += bytes_of(weight(i, is_norm(tensor)));
  return bytes;
}

enum class GgufMatrices : std::uint8_t { f32, q8_0 };

std::string gguf_of(GgufBuilder builder, GgufMatrices matrices) {
  std::string values;
  for (const TensorShape& tensor : decoder_tensors()) {
    const bool in_blocks = matrices == GgufMatrices::q8_0 && !is_norm(tensor);
    const std::vector<std::uint64_t> dimensions(tensor.shape.rbegin(), tensor.shape.rend());
    builder.tensor({gguf_name(tensor.name), dimensions, in_blocks ? 8U : 0U, values.size()});
    values += in_blocks ? q8_0(tensor.count()) : f32(tensor);
    values.resize((values.size() + 31) / 32 * 32);
  }
  return text_of(builder.build()) + values;
}

GgufBuilder decoder_keys() {
  GgufBuilder builder;
  builder.text("general.architecture", "llama")
      .value("general.alignment", 4, std::uint32_t{32})
      .value("llama.context_length", 4, std::uint32_t{64})
      .value("llama.embedding_length", 4, std::uint32_t{32})
      .value("llama.block_count", 4, std::uint32_t{1})
      .value("llama.feed_forward_length", 4, std::uint32_t{32})
      .value("llama.attention.head_count", 4, std::uint32_t{4})
      .value("llama.attention.head_count_kv", 4, std::uint32_t{2})
      .value("llama.attention.layer_norm_rms_epsilon", 6, 1e-5F)
      .value("llama.rope.freq_base", 6, 10000.0F)
      .value("llama.rope.dimension_count", 4, std::uint32_t{8});
  return builder;
}

/// Tokens, types and scores of the pieces' vocabularies.
void add_pieces(GgufBuilder& builder, const char* model) {
  std::vector<std::string> tokens = {
      "<unk>", "<s>", "</s>", "\xE2\x96\x81", "\xE2\x96\x81t", "he",    "\xE2\x96\x81the", "a", "c", "t",
      "s",     "h",   "e",    "at",           "cat",           "<0x0A>"};
  while (tokens.size() < 32) tokens.push_back("x" + std::to_string(tokens.size()));
  std::vector<std::int32_t> types(32, 1);
  types[0] = 2;
  types[1] = types[2] = 3;
  types[15] = 4;
  std::vector<float> scores;
  for (int i = 0; i < 32; ++i) scores.push_back(static_cast<float>(-i) / 2);
  builder.text("tokenizer.ggml.model", model).texts("tokenizer.ggml.tokens", tokens);
  builder.array("tokenizer.ggml.scores", 6, scores).array("tokenizer.ggml.token_type", 5, types);
  builder.value("tokenizer.ggml.bos_token_id", 4, std::uint32_t{1})
      .value("tokenizer.ggml.eos_token_id", 4, std::uint32_t{2})
      .value("tokenizer.ggml.unknown_token_id", 4, std::uint32_t{0});
}

/// Every type that a value may have.
void add_every_type(GgufBuilder& builder) {
  builder.value("general.u8", 0, std::uint8_t{200})
      .value("general.i8", 1, std::int8_t{-3})
      .value("general.u16", 2, std::uint16_t{60000})
      .value("general.i16", 3, std::int16_t{-300})
      .value("general.i32", 5, std::int32_t{-70000})
      .value("general.u64", 10, ~std::uint64_t{0})
      .value("general.i64", 11, std::int64_t{-5})
      .value("general.f64", 12, 0.25)
      .value("tokenizer.ggml.add_bos_token", 7, std::uint8_t{1});
}

Seed gguf_seed(std::string name, std::string bytes, Seed::Boundaries boundaries) {
  std::vector<Part> parts = gguf_parts(bytes);
  const std::size_t end = gguf_directory_end(bytes);
  return {std::move(name), "model.gguf", std::move(bytes), std::move(parts), boundaries, end};
}

Seed gguf_of_pieces() {
  GgufBuilder builder = decoder_keys();
  add_pieces(builder, "llama");
  add_every_type(builder);
  return gguf_seed("pieces", gguf_of(builder, GgufMatrices::f32), Seed::Boundaries::each);
}
Seed gguf_of_unigram() {
  GgufBuilder builder = decoder_keys();
  add_pieces(builder, "t5");
  const std::string map = small_charsmap();
  builder.array("tokenizer.ggml.precompiled_charsmap", 1, std::vector<std::int8_t>(map.begin(), map.end()));
  return gguf_seed("unigram", gguf_of(builder, GgufMatrices::q8_0), Seed::Boundaries::none);
}
Seed gguf_of_merges() {
  GgufBuilder builder = decoder_keys();
  builder.text("tokenizer.ggml.model", "gpt2").text("tokenizer.ggml.pre", "llama-bpe");
  std::vector<std::string> tokens = {"<s>", "<|im_end|>", "t", "h", "e", "\xC4\xA0", "th", "the", "a", "c", "s"};
  while (tokens.size() < 32) tokens.push_back("x" + std::to_string(tokens.size()));
  builder.texts("tokenizer.ggml.tokens", tokens).texts("tokenizer.ggml.merges", {"t h", "th e"});
  builder.value("tokenizer.ggml.eos_token_id", 4, std::uint32_t{1});
  builder.text("tokenizer.chat_template",
               "{% for m in messages %}{{ m.role ~ m.content }}<|im_end|>{% endfor %}{{ 'a' }}");
  return gguf_seed("merges", gguf_of(builder, GgufMatrices::q8_0), Seed::Boundaries::none);
}

// ---- files of torch.save: every tensor a view of one storage

struct TorchBytes {
  Bytes pickle;
  Bytes values;
  std::uint64_t elements = 0;
};

TorchBytes torch_bytes(bool is_stream) {
  TorchBytes made;
  std::int64_t offset = 0, elements = 0;
  for (const TensorShape& tensor : decoder_tensors()) elements += tensor.count();
  PickleBuilder pickle;
  pickle.global("collections", "OrderedDict").ops(")R").put(0).ops("(");
  for (const TensorShape& tensor : decoder_tensors()) {
    const std::vector<std::int64_t> stride =
        is_norm(tensor) ? std::vector<std::int64_t>{1} : std::vector<std::int64_t>{tensor.shape[1], 1};
    pickle.text(tensor.name)
        .tensor({.key = "0", .type = "FloatStorage", .elements = elements, .stream = is_stream},
                {.offset = offset, .size = tensor.shape, .stride = stride});
    offset += tensor.count();
    append_text(made.values, f32(tensor));
  }
  made.pickle = pickle.ops("u}").text("_metadata").ops("}sb.").bytes();
  made.elements = static_cast<std::uint64_t>(elements);
  return made;
}

Seed torch_zip(std::string name, const ZipBuilder& sizes, Seed::Boundaries boundaries) {
  const TorchBytes torch = torch_bytes(false);
  ZipBuilder zip = sizes;
  zip.member({.name = "m/data.pkl", .bytes = torch.pickle}).member("m/byteorder", "little");
  zip.member({.name = "m/data/0", .bytes = torch.values});
  std::string bytes = text_of(zip.build());
  std::vector<Part> parts = torch_zip_parts(bytes);
  return {std::move(name), "pytorch_model.bin", std::move(bytes), std::move(parts), boundaries};
}

Seed torch_stream(Seed::Boundaries boundaries) {
  const TorchBytes torch = torch_bytes(true);
  Bytes stream = torch_stream_of(torch.pickle);
  stream.resize(stream.size() - 8 - 6 * sizeof(float));  // the builder's own six floats
  append(stream, torch.elements);
  stream.insert(stream.end(), torch.values.begin(), torch.values.end());
  std::string bytes = text_of(stream);
  std::vector<Part> parts = torch_stream_parts(bytes);
  return {"stream", "pytorch_model.bin", std::move(bytes), std::move(parts), boundaries};
}

// ---- models of the sentencepiece library

std::string base64(std::string_view bytes) {
  constexpr std::string_view k_digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    std::uint32_t bits = 0;
    for (std::size_t i = 0; i < 3; ++i) {
      bits = bits << 8U | (at + i < bytes.size() ? static_cast<unsigned char>(bytes[at + i]) : 0U);
    }
    const std::size_t digits = std::min<std::size_t>(4, bytes.size() - at + 1);
    for (std::size_t i = 0; i < 4; ++i) text += i < digits ? k_digits[bits >> (18 - 6 * i) & 0x3FU] : '=';
  }
  return text;
}

std::string field(int number, int type) { return std::string(1, static_cast<char>(number * 8 + type)); }
std::string varint_field(int number, int value) { return field(number, 0) + static_cast<char>(value); }
std::string length_field(int number, const std::string& bytes) {
  std::string text = field(number, 2);
  std::size_t size = bytes.size();
  for (; size > 127; size >>= 7U) text.push_back(static_cast<char>((size & 127U) | 128U));
  text.push_back(static_cast<char>(size));
  return text + bytes;
}

enum class Charsmaps : std::uint8_t { none, small };

std::string sentencepiece_model(int model_type, Charsmaps map) {
  std::string bytes;
  const std::pair<const char*, int> pieces[] = {{"<unk>", 2}, {"<s>", 3}, {"</s>", 3}, {"\xE2\x96\x81", 1},
                                                {"a", 1},     {"t", 1},   {"at", 1},   {"c", 1},
                                                {"cat", 1},   {"the", 4}, {"h", 1},    {"e", 1},
                                                {"s", 1},     {"zz", 5}};
  float score = 0;
  for (const auto& [text, type] : pieces) {
    bytes += length_field(1, length_field(1, text) + field(2, 5) + bytes_of(score) + varint_field(3, type));
    score -= 0.5F;
  }
  bytes += length_field(2, varint_field(3, model_type) + varint_field(4, 14));
  std::string normalizer = length_field(1, "identity");
  if (map == Charsmaps::small) normalizer += length_field(2, small_charsmap());
  normalizer += varint_field(3, 1) + varint_field(4, 1) + varint_field(5, 1);
  return bytes + length_field(3, normalizer);
}

/// The cells of the small table that are in use are integers, too.
void add_charsmap_cells(Seed& seed) {
  const std::string map = small_charsmap();
  const std::size_t begin = seed.bytes.find(map);
  for (const std::size_t cell : {std::size_t{0}, std::size_t{'A' ^ 1}, std::size_t{'A' ^ 3}}) {
    const std::size_t at = begin + 4 + 4 * cell;
    seed.parts.push_back({at, at + 4, PartKind::integer});
  }
  seed.parts.push_back({begin, begin + 4, PartKind::integer});
}

Seed sentencepiece_seed(std::string name, int model_type, Charsmaps map) {
  std::string bytes = sentencepiece_model(model_type, map);
  std::vector<Part> parts = protobuf_parts(bytes);
  Seed seed{std::move(name), "spiece.model", std::move(bytes), std::move(parts), Seed::Boundaries::each};
  if (map == Charsmaps::small) add_charsmap_cells(seed);
  return seed;
}

constexpr const char* k_golden_configs[] = {"llama/llama3",
                                            "bert/hub",
                                            "gpt2/hub",
                                            "t5/hub",
                                            "gemma3/hub",
                                            "qwen3/hub",
                                            "xlnet/causal",
                                            "marian/base",
                                            "m2m_100/hub",
                                            "distilbert/computed_sinusoids",
                                            "bart/sequence_classification",
                                            "electra/token_classification"};

}  // namespace

Format safetensors_format() {
  Format format{"safetensors", {}};
  format.seeds.push_back(
      safetensors_seed("decoder", "model.safetensors", safetensors_of_tensors(decoder_tensors(), k_f32)));
  format.seeds.push_back(json_seed("index", "model.safetensors.index.json", index_of_shards()));
  format.seeds.push_back(
      safetensors_seed("shard", k_shard_names[0], safetensors_of_tensors(half_of_decoder(false), k_bf16)));
  return format;
}

Format gguf_format() { return {"gguf", {gguf_of_pieces(), gguf_of_unigram(), gguf_of_merges()}}; }

Format torch_format() {
  ZipBuilder plain, large, checked;
  plain.checksums = large.checksums = false;  // so that a damaged pickle is read at all
  large.is_64 = true;
  return {"torch",
          {torch_zip("zip", plain, Seed::Boundaries::each), torch_zip("zip_64", large, Seed::Boundaries::none),
           torch_zip("zip_with_checksums", checked, Seed::Boundaries::none), torch_stream(Seed::Boundaries::each)}};
}

Format tokenizer_format() {
  Format format{"tokenizer", {}};
  for (const char* name : {"bpe", "word_piece", "word_level"}) {
    format.seeds.push_back(json_seed(name, "tokenizer.json", data((std::string(name) + ".json").c_str())));
  }
  std::string unigram = data("unigram.json");
  const std::string place = "@charsmap@";
  unigram.replace(unigram.find(place), place.size(), base64(small_charsmap()));
  format.seeds.push_back(json_seed("unigram", "tokenizer.json", unigram));
  format.seeds.push_back(json_seed("bpe", "tokenizer_config.json", data("tokenizer_config.json")));
  return format;
}

Format config_format() {
  Format format{"config", {}};
  for (const char* name : k_golden_configs) {
    format.seeds.push_back(json_seed(name, "config.json", file_text(k_source / "tests/golden" / name / "config.json")));
  }
  format.seeds.push_back(json_seed("llama/llama3", "generation_config.json", data("generation_config.json")));
  return format;
}

Format sentencepiece_format() {
  return {"sentencepiece",
          {sentencepiece_seed("unigram", 1, Charsmaps::small), sentencepiece_seed("merges", 2, Charsmaps::none)}};
}

Format template_format() {
  Format format{"template", {}};
  for (const char* name : {"headers", "mistral_nemo", "qwen2_5", "qwen3", "schemas", "smollm2", "tags", "turns"}) {
    std::string source = file_text(k_source / "tests/chat/template/templates" / (std::string(name) + ".jinja"));
    std::vector<Part> parts = template_parts(source);
    format.seeds.push_back({name, {}, std::move(source), std::move(parts)});
  }
  return format;
}

std::vector<Format> formats() {
  return {safetensors_format(), gguf_format(),          torch_format(),   tokenizer_format(),
          config_format(),      sentencepiece_format(), template_format()};
}

std::map<std::string, std::string> files_beside(const Seed& seed) {
  if (seed.file_name == "spiece.model") {
    return {{"tokenizer_config.json", R"({"tokenizer_class":"T5Tokenizer","extra_ids":0})"}};
  }
  if (seed.file_name == "tokenizer_config.json") return {{"tokenizer.json", data("bpe.json")}};
  if (seed.file_name == "tokenizer.json") return {};
  std::map<std::string, std::string> files = {{"config.json", k_decoder_config}, {"tokenizer.json", data("bpe.json")}};
  if (seed.name == "index" || seed.name == "shard") {
    files["model.safetensors.index.json"] = index_of_shards();
    files[k_shard_names[0]] = safetensors_of_tensors(half_of_decoder(false), k_bf16);
    files[k_shard_names[1]] = safetensors_of_tensors(half_of_decoder(true), k_bf16);
  }
  files.erase(seed.file_name);
  return files;
}

fs::path golden_folder(const Seed& seed) {
  const bool is_config = seed.file_name == "config.json" || seed.file_name == "generation_config.json";
  return is_config ? k_source / "tests/golden" / seed.name : fs::path();
}

}  // namespace eigenformer_tests::hostile
