// Damages sound files. A mutant is made again by the numbers of its seed and its own: the same on every machine.
#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "tests/hostile/parts.hpp"

namespace eigenformer_tests::hostile {

/// A sound file.
struct Seed {
  std::string name;       ///< for messages
  std::string file_name;  ///< what it is called in its folder
  std::string bytes;
  std::vector<Part> parts;
  /// Whether each of its integers gets each boundary value; else it is damaged at random alone.
  enum class Boundaries : std::uint8_t { none, each } boundaries = Boundaries::each;
  std::size_t directory_end = 0;  ///< of GGUF: what follows is moved to the next multiple of 32; 0: nothing is moved
};

struct Mutant {
  const Seed* seed;
  std::string bytes;
  std::size_t changes = 0;
  std::size_t changes_of_structure = 0;  ///< those of them that lie in a part
  bool is_boundary = false;              ///< one integer at one of its boundary values
};

/// Ten thousand mutants of some seeds. A part of them are the boundary values of integers, each change by itself; the
/// others have one to three changes at random.
class Mutations {
 public:
  static constexpr std::size_t k_count = 10'000;
  static constexpr std::size_t k_most_boundaries = 8'000;

  /// Throws std::logic_error where the seeds have more boundary values than k_most_boundaries.
  Mutations(std::vector<Seed> seeds, std::uint64_t number);

  const std::vector<Seed>& seeds() const { return seeds_; }
  std::size_t boundaries() const { return boundaries_.size(); }
  /// Mutant `number` < k_count. The first thousand are a sample of all.
  Mutant make(std::size_t number) const;

 private:
  struct Boundary {
    std::size_t seed, part;
    std::string value;
  };
  Mutant with_boundary(const Boundary& boundary) const;
  Mutant at_random(std::size_t number) const;

  std::vector<Seed> seeds_;
  std::uint64_t number_;
  std::vector<Boundary> boundaries_;
};

}  // namespace eigenformer_tests::hostile
