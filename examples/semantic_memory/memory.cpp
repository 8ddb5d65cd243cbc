#include "memory.hpp"

#include <algorithm>
#include <bit>
#include <numeric>
#include <utility>

#include "memory_file.hpp"

namespace ef = eigenformer;

namespace {

/// Vectors of length 1: their product is the cosine.
ef::EmbedOptions embedding() { return {.normalize = true, .long_text = ef::LongText::cut}; }

/// Embeddings have the same bits on every machine, so one of them tells a model from any other.
std::uint64_t fingerprint(const ef::Model& model) {
  Checksum checksum;
  for (const float value : ef::embed(model, "a fingerprint", embedding())) {
    checksum.add(std::bit_cast<std::uint32_t>(value));
  }
  return checksum.value();
}

/// In eight sums that a compiler may keep side by side.
float product(const float* a, const float* b, std::size_t size) {
  float sums[8] = {};
  std::size_t index = 0;
  for (; index + 8 <= size; index += 8) {
    for (std::size_t lane = 0; lane < 8; ++lane) sums[lane] += a[index + lane] * b[index + lane];
  }
  for (; index < size; ++index) sums[0] += a[index] * b[index];
  return std::accumulate(std::begin(sums), std::end(sums), 0.0F);
}

}  // namespace

Memory::Memory(ef::Model model) : model_(std::move(model)) {
  contents_.fingerprint = fingerprint(model_);
  contents_.dimension = model_.info().embedding_size;
}

void Memory::remember(const std::vector<std::string>& sentences) {
  const auto vectors = ef::embed(model_, sentences, embedding());
  for (const std::vector<float>& vector : vectors) {
    contents_.vectors.insert(contents_.vectors.end(), vector.begin(), vector.end());
  }
  contents_.sentences.insert(contents_.sentences.end(), sentences.begin(), sentences.end());
}

std::vector<Recollection> Memory::recall(std::string_view question, std::size_t count) const {
  return nearest(meaning(question), count);
}

std::vector<float> Memory::meaning(std::string_view question) const { return ef::embed(model_, question, embedding()); }

std::vector<Recollection> Memory::nearest(const std::vector<float>& meaning, std::size_t count) const {
  std::vector<std::pair<float, std::size_t>> found(size());
  for (std::size_t index = 0; index < found.size(); ++index) {
    const float* vector = contents_.vectors.data() + index * contents_.dimension;
    found[index] = {-product(vector, meaning.data(), contents_.dimension), index};
  }
  const auto end = found.begin() + static_cast<std::ptrdiff_t>(std::min(count, found.size()));
  std::partial_sort(found.begin(), end, found.end());
  std::vector<Recollection> recollections;
  for (auto each = found.begin(); each != end; ++each) {
    recollections.push_back({contents_.sentences[each->second], -each->first});
  }
  return recollections;
}

void Memory::save(const std::filesystem::path& path) const { write_memory(path, contents_); }

void Memory::load(const std::filesystem::path& path) {
  MemoryContents loaded = read_memory(path);
  if (loaded.fingerprint != contents_.fingerprint || loaded.dimension != contents_.dimension) {
    throw ef::FormatError({.id = "format.memory_model",
                           .expected = "a memory of this model",
                           .found = "one of another model",
                           .where = path.string(),
                           .remedy = "start with the model that wrote it"});
  }
  contents_ = std::move(loaded);
}
