// Ten thousand damaged files of each format, loaded and used as a user would: a result, or one error of the library.
//
// EIGENFORMER_MUTANTS says how many of them (a thousand where it is not set), EIGENFORMER_MUTANT picks one by its
// number.
#include "tests/hostile/mutations.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <map>
#include <ostream>
#include <regex>
#include <set>
#include <string>

#include "tests/hostile/seeds.hpp"
#include "tests/hostile/uses.hpp"
#include "tests/hostile/watch.hpp"
#include "tests/support/counted_memory.hpp"
#include "tests/support/errors.hpp"
#include "tests/support/source_folder.hpp"

namespace eigenformer_tests::hostile {

void PrintTo(const Format& format, std::ostream* out) { *out << format.name; }

namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t k_number = 20261128;
constexpr std::size_t k_memory_bytes = std::size_t{64} << 20U;  ///< beside the files themselves
constexpr double k_seconds = 2;                                 ///< of processor time

std::set<std::string> ids_of_errors() {
  std::ifstream file(k_source / "docs/errors.md");
  std::set<std::string> ids;
  const std::regex row("^\\| `([a-z]+\\.[a-z0-9_]+)` \\|.*");
  std::smatch found;
  for (std::string line; std::getline(file, line);) {
    if (std::regex_match(line, found, row)) ids.insert(found[1]);
  }
  return ids;
}

/// A number of the environment; `otherwise` where there is none.
std::size_t number_or(const char* variable, std::size_t otherwise) {
  const char* const text = std::getenv(variable);
  return text == nullptr ? otherwise : std::strtoul(text, nullptr, 10);
}

/// The folder of a seed, in which one file is replaced again and again.
class SeedFolder {
 public:
  explicit SeedFolder(const Seed& seed, const std::string& name)
      : seed_(seed), path_(fs::path(testing::TempDir()) / name) {
    fs::remove_all(path_);
    fs::create_directories(path_);
    for (const auto& [file, text] : files_beside(seed)) write(file, text);
    const fs::path golden = golden_folder(seed);
    for (const char* file : {"config.json", "model.safetensors"}) {
      if (!golden.empty() && fs::exists(golden / file)) {
        fs::remove(path_ / file);
        fs::create_symlink(golden / file, path_ / file);
      }
    }
    if (!golden.empty()) fs::remove(path_ / "tokenizer.json");
    fs::remove(path_ / seed.file_name);
  }
  ~SeedFolder() { fs::remove_all(path_); }
  SeedFolder(const SeedFolder&) = delete;
  SeedFolder& operator=(const SeedFolder&) = delete;

  const fs::path& path() const { return path_; }
  void damage(const std::string& bytes) const { write(seed_.file_name, bytes); }
  /// All that a load reads.
  std::size_t bytes() const {
    std::size_t sum = 0;
    for (const fs::directory_entry& entry : fs::directory_iterator(path_)) sum += fs::file_size(entry.path());
    return sum;
  }

 private:
  void write(const std::string& name, const std::string& text) const {
    fs::remove(path_ / name);  // some file systems write a file that is cut and filled again to the disk at once
    std::ofstream(path_ / name, std::ios::binary) << text;
  }

  const Seed& seed_;
  fs::path path_;
};

/// What became of the mutants of a format.
struct Tally {
  std::size_t mutants = 0, boundaries = 0, loaded = 0, changes = 0, changes_of_structure = 0;
  std::map<std::string, std::size_t> errors;
  std::size_t largest_peak = 0;
  double slowest_seconds = 0;

  void print(const std::string& format) const {
    std::size_t refused = 0;
    for (const auto& [id, times] : errors) refused += times;
    std::printf(
        "| %s | %zu mutants, %zu of them boundary values of integers | %zu loaded | %zu errors of %zu ids | "
        "%.1f %% of changes in structure | peak %.1f MiB, slowest %.0f ms |\n",
        format.c_str(), mutants, boundaries, loaded, refused, errors.size(),
        100.0 * static_cast<double>(changes_of_structure) / static_cast<double>(changes),
        static_cast<double>(largest_peak) / (1 << 20), slowest_seconds * 1000);
    for (const auto& [id, times] : errors) std::printf("|   %s | %zu |\n", id.c_str(), times);
  }
};

class HostileFormat : public testing::TestWithParam<Format> {
 protected:
  /// Loads and uses the bytes in the seed's place; gives the error's id and message.
  std::string use(const Seed& seed, const std::string& bytes) {
    if (seed.file_name.empty()) return error_of([&] { use_template(bytes); });
    if (seed.file_name == "model.gguf") return error_of([&] { use_gguf(bytes); });
    const SeedFolder& folder = folder_of(seed);
    folder.damage(bytes);
    const bool is_tokenizer = GetParam().name == "tokenizer" || GetParam().name == "sentencepiece";
    return error_of([&] { is_tokenizer ? use_tokenizer(folder.path()) : use_folder(folder.path()); });
  }
  /// Bytes of the files that are read.
  std::size_t file_bytes(const Seed& seed, const std::string& bytes) {
    const bool has_folder = !seed.file_name.empty() && seed.file_name != "model.gguf";
    return has_folder ? folder_of(seed).bytes() : bytes.size();
  }

  void check(const Mutant& mutant, const std::string& name) {
    std::string error;
    const std::clock_t begin = std::clock();
    const std::size_t peak = peak_of([&] { error = use(*mutant.seed, mutant.bytes); });
    const double seconds = static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
    ASSERT_LE(peak, file_bytes(*mutant.seed, mutant.bytes) + k_memory_bytes) << name << ": " << error;
    ASSERT_LE(seconds, k_seconds) << name << ": " << error;
    const std::string id = error.substr(0, error.find(": "));
    if (error == "no error") {
      ++tally_.loaded;
    } else {
      ASSERT_TRUE(known_ids_.contains(id)) << name << ": " << error;
      ASSERT_FALSE(id.starts_with("system.memory") || id == "system.unexpected") << name << ": " << error;
      ++tally_.errors[id];
    }
    ++tally_.mutants;
    if (mutant.is_boundary) ++tally_.boundaries;
    tally_.changes += mutant.changes;
    tally_.changes_of_structure += mutant.changes_of_structure;
    tally_.largest_peak = std::max(tally_.largest_peak, peak);
    tally_.slowest_seconds = std::max(tally_.slowest_seconds, seconds);
  }

  Tally tally_;

 private:
  const SeedFolder& folder_of(const Seed& seed) {
    const std::string name = "hostile_" + std::to_string(getpid()) + "_" + std::to_string(folders_.size());
    return folders_.try_emplace(seed.name + seed.file_name, seed, name).first->second;
  }

  std::set<std::string> known_ids_ = ids_of_errors();
  std::map<std::string, SeedFolder> folders_;
};

TEST_P(HostileFormat, SeedsAreSound) {
  for (const Seed& seed : GetParam().seeds) EXPECT_EQ(use(seed, seed.bytes), "no error") << seed.name;
}

TEST_P(HostileFormat, MutantsGiveAResultOrAnError) {
  const Mutations mutations(GetParam().seeds, k_number);
  const std::size_t only = number_or("EIGENFORMER_MUTANT", Mutations::k_count);
  const std::size_t count = std::min(number_or("EIGENFORMER_MUTANTS", 1000), Mutations::k_count);
  Watch watch;
  for (std::size_t number = 0; number < Mutations::k_count; ++number) {
    const bool is_wanted = only == Mutations::k_count ? number < count : number == only;
    if (!is_wanted) continue;
    const Mutant mutant = mutations.make(number);
    const std::string name =
        GetParam().name + ", seed " + mutant.seed->name + ", EIGENFORMER_MUTANT=" + std::to_string(number);
    watch.begin(name);
    ASSERT_NO_FATAL_FAILURE(check(mutant, name));
  }
  tally_.print(GetParam().name);
  if (only != Mutations::k_count) return;
  EXPECT_GE(tally_.changes_of_structure, tally_.changes * 8 / 10);
  EXPECT_GE(tally_.errors.size(), 7U) << "the mutations reach too little";
  EXPECT_GE(tally_.loaded, tally_.mutants / 200) << "the mutations reach no further than the first check";
}

INSTANTIATE_TEST_SUITE_P(Of, HostileFormat, testing::ValuesIn(formats()),
                         [](const auto& instance) { return instance.param.name; });

TEST(Mutations, AreMadeAgainByTheirNumbers) {
  const Mutations first(gguf_format().seeds, 7), again(gguf_format().seeds, 7), other(gguf_format().seeds, 8);
  std::size_t different = 0;
  for (std::size_t number = 0; number < 200; ++number) {
    EXPECT_EQ(first.make(number).bytes, again.make(number).bytes);
    if (first.make(number).bytes != other.make(number).bytes) ++different;
  }
  EXPECT_GT(different, 20U);
}

}  // namespace
}  // namespace eigenformer_tests::hostile
