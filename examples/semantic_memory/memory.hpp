// The long-term memory of a character: sentences, and what they mean as vectors.
#pragma once

#include <cstddef>
#include <eigenformer/eigenformer.hpp>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

/// What a memory holds, as it is saved.
struct MemoryContents {
  std::uint64_t fingerprint = 0;  ///< of the model that made the vectors
  std::size_t dimension = 0;
  std::vector<std::string> sentences;
  std::vector<float> vectors;  ///< [sentences][dimension], each of length 1
};

struct Recollection {
  std::string sentence;
  float similarity;  ///< the cosine, from -1 to 1
};

class Memory {
 public:
  explicit Memory(eigenformer::Model model);

  void remember(const std::vector<std::string>& sentences);

  /// The `count` sentences that are nearest to a question in meaning, nearest first; of equals, the older first.
  std::vector<Recollection> recall(std::string_view question, std::size_t count) const;
  /// The two halves of it: what a question means, and what is near to that.
  std::vector<float> meaning(std::string_view question) const;
  std::vector<Recollection> nearest(const std::vector<float>& meaning, std::size_t count) const;

  std::size_t size() const { return contents_.sentences.size(); }

  /// A memory is read by the model that wrote it, and by no other: Throws eigenformer::Error where the file is damaged
  /// or another model's; the memory then stays as it was.
  void save(const std::filesystem::path& path) const;
  void load(const std::filesystem::path& path);

 private:
  eigenformer::Model model_;
  MemoryContents contents_;
};
