// A host's own architecture: loaded by LoadOptions::architectures, held against plain loops in double precision.
#include "tests/skeleton/skeleton.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <random>
#include <string>
#include <vector>

#include "eigenformer/format/safetensors.hpp"
#include "eigenformer/forward.hpp"
#include "eigenformer/model.hpp"
#include "tests/support/errors.hpp"

namespace ef = eigenformer;
using eigenformer_tests::error_id_of;
using eigenformer_tests::error_of;

namespace {

// Odd sizes: no dimension is a multiple of a panel (16) or a tile (32), and the sequence passes two tiles.
constexpr std::size_t k_vocabulary = 67, k_hidden = 36, k_inner = 52, k_layers = 2, k_heads = 3, k_positions = 80;
constexpr double k_epsilon = 1e-5;

struct NamedValues {
  ef::Shape shape;
  std::vector<float> values;
};

/// A checkpoint: what would be in its folder.
struct Checkpoint {
  nlohmann::json config = {{"architectures", {"SkeletonForCausalLM"}},
                           {"vocab_size", k_vocabulary},
                           {"hidden_size", k_hidden},
                           {"inner_size", k_inner},
                           {"num_layers", k_layers},
                           {"num_heads", k_heads},
                           {"max_positions", k_positions},
                           {"norm_epsilon", k_epsilon},
                           {"activation", "relu"},
                           {"comment", "made by a test"}};
  std::map<std::string, NamedValues> tensors;

  /// Every parameter is drawn, norms too: a norm that was left out would hide behind ones.
  Checkpoint() {
    draw("embed.weight", {k_vocabulary, k_hidden});
    draw("positions.weight", {k_positions, k_hidden});
    for (std::size_t layer = 0; layer < k_layers; ++layer) {
      const std::string prefix = "layers." + std::to_string(layer) + ".";
      for (const char* name : {"query", "key", "value", "output"}) {
        draw(prefix + "attention." + name + ".weight", {k_hidden, k_hidden});
      }
      draw(prefix + "feed_forward.up.weight", {k_inner, k_hidden});
      draw(prefix + "feed_forward.down.weight", {k_hidden, k_inner});
      draw(prefix + "attention_norm.weight", {k_hidden});
      draw(prefix + "feed_forward_norm.weight", {k_hidden});
    }
    draw("final_norm.weight", {k_hidden});
  }

  void draw(const std::string& name, const ef::Shape& shape) {
    NamedValues& tensor = tensors[name];
    tensor.shape = shape;
    const bool is_norm = shape.size() == 1;
    tensor.values.resize(ef::format::element_count(shape));
    for (float& value : tensor.values) {
      const double uniform = static_cast<double>(random_()) / 4294967296.0 - 0.5;
      value = static_cast<float>(is_norm ? 1.0 + uniform : uniform);
    }
  }

  /// Writes the folder and loads it as a host does.
  ef::Model load(const std::vector<std::shared_ptr<const ef::arch::Architecture>>& architectures) const {
    const std::string test = testing::UnitTest::GetInstance()->current_test_info()->name();
    const std::filesystem::path folder = std::filesystem::path(testing::TempDir()) / ("skeleton_" + test);
    std::filesystem::create_directories(folder);
    std::ofstream(folder / "config.json") << config;
    std::vector<ef::format::NamedTensor> written;
    for (const auto& [name, tensor] : tensors) written.push_back({name, tensor.shape, std::span(tensor.values)});
    ef::format::write_safetensors(folder / "model.safetensors", written);
    return ef::load(folder, {.compute = ef::Compute::exact, .threads = 2, .architectures = architectures});
  }
  ef::Model load() const { return load({std::make_shared<const ef::arch::Architecture>(skeleton::architecture())}); }

 private:
  std::mt19937 random_{7};
};

/// The same network in plain loops and double precision.
class Reference {
 public:
  explicit Reference(const Checkpoint& checkpoint) : tensors_(checkpoint.tensors) {}

  /// Logits of every token, one after the other.
  std::vector<double> logits(const std::vector<ef::TokenId>& ids) const {
    Rows x(ids.size(), Row(k_hidden));
    for (std::size_t row = 0; row < ids.size(); ++row) {
      for (std::size_t i = 0; i < k_hidden; ++i) {
        x[row][i] = double{at("embed.weight", static_cast<std::size_t>(ids[row]), i)} + at("positions.weight", row, i);
      }
    }
    for (std::size_t layer = 0; layer < k_layers; ++layer) add_layer("layers." + std::to_string(layer) + ".", x);
    std::vector<double> all;
    for (const Row& row : x) {
      const Row scores = product("embed.weight", norm("final_norm.weight", row));
      all.insert(all.end(), scores.begin(), scores.end());
    }
    return all;
  }

 private:
  using Row = std::vector<double>;
  using Rows = std::vector<Row>;

  float at(const std::string& name, std::size_t row, std::size_t column) const {
    const NamedValues& tensor = tensors_.at(name);
    return tensor.values[row * static_cast<std::size_t>(tensor.shape.back()) + column];
  }
  Row norm(const std::string& name, const Row& x) const {
    double squares = 0;
    for (const double value : x) squares += value * value;
    Row y(x.size());
    const double size = std::sqrt(squares / static_cast<double>(x.size()) + k_epsilon);
    for (std::size_t i = 0; i < x.size(); ++i) y[i] = x[i] / size * at(name, 0, i);
    return y;
  }
  Row product(const std::string& name, const Row& x) const {
    Row y(static_cast<std::size_t>(tensors_.at(name).shape.front()), 0.0);
    for (std::size_t output = 0; output < y.size(); ++output) {
      for (std::size_t i = 0; i < x.size(); ++i) y[output] += x[i] * at(name, output, i);
    }
    return y;
  }
  static void add(Row& x, const Row& y) {
    for (std::size_t i = 0; i < x.size(); ++i) x[i] += y[i];
  }

  /// Causal attention of one row over the rows up to it.
  static Row attend(const Rows& queries, const Rows& keys, const Rows& values, std::size_t row) {
    const std::size_t head_dim = k_hidden / k_heads;
    Row attended(k_hidden, 0.0);
    for (std::size_t first = 0; first < k_hidden; first += head_dim) {
      Row weights(row + 1, 0.0);
      double sum = 0;
      for (std::size_t slot = 0; slot <= row; ++slot) {
        for (std::size_t i = first; i < first + head_dim; ++i) weights[slot] += queries[row][i] * keys[slot][i];
        weights[slot] = std::exp(weights[slot] / std::sqrt(static_cast<double>(head_dim)));
        sum += weights[slot];
      }
      for (std::size_t slot = 0; slot <= row; ++slot) {
        for (std::size_t i = first; i < first + head_dim; ++i) attended[i] += weights[slot] / sum * values[slot][i];
      }
    }
    return attended;
  }

  void add_layer(const std::string& layer, Rows& x) const {
    Rows queries, keys, values;
    for (const Row& row : x) {
      const Row normed = norm(layer + "attention_norm.weight", row);
      queries.push_back(product(layer + "attention.query.weight", normed));
      keys.push_back(product(layer + "attention.key.weight", normed));
      values.push_back(product(layer + "attention.value.weight", normed));
    }
    for (std::size_t row = 0; row < x.size(); ++row) {
      add(x[row], product(layer + "attention.output.weight", attend(queries, keys, values, row)));
      Row inner = product(layer + "feed_forward.up.weight", norm(layer + "feed_forward_norm.weight", x[row]));
      for (double& value : inner) value = std::max(value, 0.0);
      add(x[row], product(layer + "feed_forward.down.weight", inner));
    }
  }

  const std::map<std::string, NamedValues>& tensors_;
};

std::vector<ef::TokenId> some_ids() {
  std::vector<ef::TokenId> ids(75);
  for (std::size_t place = 0; place < ids.size(); ++place) {
    ids[place] = static_cast<ef::TokenId>((place * place + 3 * place + 5) % k_vocabulary);
  }
  return ids;
}

TEST(Skeleton, ComputesWhatItsFileSays) {
  const Checkpoint checkpoint;
  const ef::Model model = checkpoint.load();
  EXPECT_EQ(model.info().architecture, "skeleton");
  EXPECT_EQ(model.info().layers, k_layers);
  EXPECT_EQ(model.info().context_length, k_positions);
  const std::vector<float> logits = ef::forward(model, some_ids()).at("logits").values;
  const std::vector<double> expected = Reference(checkpoint).logits(some_ids());
  ASSERT_EQ(logits.size(), expected.size());
  double difference = 0, size = 0;
  for (std::size_t i = 0; i < logits.size(); ++i) {
    difference = std::max(difference, std::abs(logits[i] - expected[i]));
    size = std::max(size, std::abs(expected[i]));
  }
  EXPECT_GT(size, 1.0);
  EXPECT_LT(difference / size, 1e-5);
}

TEST(Skeleton, GetsChunksCacheAndProbesForNothing) {
  const ef::Model model = Checkpoint().load();
  const auto whole = ef::forward(model, some_ids(), {.hidden_states = true, .attentions = true});
  EXPECT_EQ(whole.at("attentions.1").shape, (ef::Shape{k_heads, 75, 75}));
  EXPECT_EQ(whole.at("hidden_states.2").shape, (ef::Shape{75, k_hidden}));
  for (const std::size_t chunk : {1, 7, 32}) {
    const auto pieces = ef::forward(model, some_ids(), {.hidden_states = true, .attentions = true, .chunk = chunk});
    for (const auto& [name, tensor] : whole) EXPECT_EQ(tensor.values, pieces.at(name).values) << name;
  }
}

TEST(Skeleton, MasksThatCheckpointsCarryAndThePrefixAreAccepted) {
  const Checkpoint plain;
  Checkpoint prefixed;
  prefixed.tensors.clear();
  for (const auto& [name, tensor] : plain.tensors) prefixed.tensors["model." + name] = tensor;
  prefixed.draw("model.layers.0.attention.mask", {5, 5});
  EXPECT_EQ(ef::forward(prefixed.load(), some_ids()).at("logits").values,
            ef::forward(plain.load(), some_ids()).at("logits").values);
}

TEST(Skeleton, RefusesWhatItDoesNotUnderstand) {
  const auto id = [](auto&& change) {
    Checkpoint checkpoint;
    change(checkpoint);
    return error_id_of([&] { (void)checkpoint.load(); });
  };
  EXPECT_EQ(id([](Checkpoint& c) { c.config["sliding_window"] = 32; }), "config.unknown_key");
  EXPECT_EQ(id([](Checkpoint& c) { c.config.erase("num_heads"); }), "config.missing");
  EXPECT_EQ(id([](Checkpoint& c) { c.config["num_heads"] = 5; }), "config.value");
  EXPECT_EQ(id([](Checkpoint& c) { c.config["activation"] = "gelu"; }), "config.value");
  EXPECT_EQ(id([](Checkpoint& c) { c.tensors.erase("layers.1.attention.key.weight"); }), "weight.missing");
  EXPECT_EQ(id([](Checkpoint& c) { c.draw("layers.2.attention.key.weight", {k_hidden, k_hidden}); }), "weight.extra");
  EXPECT_EQ(id([](Checkpoint& c) { c.draw("final_norm.weight", {k_hidden + 1}); }), "weight.shape");
}

TEST(Skeleton, IsUnknownUnlessItIsGiven) {
  const std::string error = error_of([] { (void)Checkpoint().load({}); });
  EXPECT_TRUE(error.starts_with("config.architecture: ")) << error;
  EXPECT_NE(error.find("found SkeletonForCausalLM"), std::string::npos) << error;
  EXPECT_EQ(error_of([] { (void)Checkpoint().load({nullptr}); }),
            "usage.architecture: LoadOptions::architectures: expected architectures, found a null pointer; leave the "
            "list empty, or fill every place");
}

TEST(Skeleton, GoesBeforeAnArchitectureOfTheLibraryWithTheSameClass) {
  Checkpoint checkpoint;
  checkpoint.config["architectures"] = {"LlamaForCausalLM"};
  ef::arch::Architecture own = skeleton::architecture();
  own.hugging_face_classes = {"LlamaForCausalLM"};
  EXPECT_EQ(checkpoint.load({std::make_shared<const ef::arch::Architecture>(own)}).info().architecture, "skeleton");
}

}  // namespace
