// Models out of the host's own files, in the background, and what they would take: by the C API.
#include <gtest/gtest.h>

#include <atomic>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <map>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "eigenformer/estimate.hpp"
#include "tests/c_api/c_objects.hpp"

namespace eigenformer_tests {
namespace {

/// An archive of the host's, and what it saw.
struct Archive {
  std::map<std::string, std::string> files;
  std::function<void()> on_read;
  bool can_read = true, can_open = true;
  std::atomic<int> opened{0}, closed{0};

  struct File {
    Archive* archive;
    std::string bytes;
  };

  static std::int32_t read(void* context, std::uint64_t offset, void* out, std::uint64_t count) {
    auto* file = static_cast<File*>(context);
    if (file->archive->on_read) file->archive->on_read();
    std::memcpy(out, file->bytes.data() + offset, count);
    return file->archive->can_read ? EIGENFORMER_CONTINUE : EIGENFORMER_STOP;
  }
  static void close(void* context) {
    auto* file = static_cast<File*>(context);
    ++file->archive->closed;
    delete file;
  }
  static std::int32_t open(void* context, const char* name, eigenformer_reader* reader) {
    auto* archive = static_cast<Archive*>(context);
    if (!archive->can_open) return EIGENFORMER_STOP;
    if (archive->files.contains(name)) archive->open_file(name, *reader);
    return EIGENFORMER_CONTINUE;
  }
  static void close_archive(void* context) { ++static_cast<Archive*>(context)->closed; }

  void open_file(const std::string& name, eigenformer_reader& reader) {
    ++opened;
    reader.bytes = files.at(name).size();
    reader.read = &Archive::read;
    reader.close = &Archive::close;
    reader.context = new File{this, files.at(name)};
  }
};

class CSource : public CApi {
 protected:
  CSource() {
    EXPECT_EQ(outcome(eigenformer_source_init(&source_, sizeof source_, error())), "ok");
    EXPECT_EQ(outcome(eigenformer_reader_init(&reader_, sizeof reader_, error())), "ok");
    EXPECT_EQ(outcome(eigenformer_folder_init(&folder_, sizeof folder_, error())), "ok");
    pack(k_c_writer, "model.gguf");
    const std::filesystem::path embedder = k_c_embedder;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(embedder)) {
      if (entry.is_regular_file()) {
        pack(entry.path(), std::filesystem::relative(entry.path(), embedder).generic_string());
      }
    }
  }

  /// The source becomes the .gguf file, opened anew.
  const eigenformer_source* gguf() {
    archive_.open_file("model.gguf", reader_);
    reader_.name = "world.pack/model";
    source_ = {source_.size, nullptr, &reader_, nullptr};
    return &source_;
  }
  const eigenformer_source* folder() {
    folder_.name = "world.pack";
    folder_.open = &Archive::open;
    folder_.close = &Archive::close_archive;
    folder_.context = &archive_;
    ++archive_.opened;
    source_ = {source_.size, nullptr, nullptr, &folder_};
    return &source_;
  }
  const eigenformer_source* path(const std::string& path) {
    source_ = {source_.size, path.c_str(), nullptr, nullptr};
    return &source_;
  }

  Owned<eigenformer_model> load_from(const eigenformer_source* source) {
    eigenformer_model* model = nullptr;
    EXPECT_EQ(outcome(eigenformer_load_from_source(source, nullptr, &model, error())), "ok")
        << eigenformer_error_message(error());
    return Owned<eigenformer_model>(model);
  }
  Owned<eigenformer_loading> begin(const eigenformer_source* source,
                                   const eigenformer_load_options* options = nullptr) {
    eigenformer_loading* loading = nullptr;
    EXPECT_EQ(outcome(eigenformer_load_begin(source, options, &loading, error())), "ok");
    return Owned<eigenformer_loading>(loading);
  }
  std::vector<float> vector_of(const eigenformer_model* model) {
    const eigenformer_text text = eigenformer_text_of("the door is blue");
    eigenformer_vectors vectors{};
    EXPECT_EQ(outcome(eigenformer_embed(model, {&text, 1}, nullptr, &vectors, error())), "ok");
    const Owned<void> owner(vectors.values);
    return {vectors.values, vectors.values + vectors.columns};
  }
  std::string text_by(const eigenformer_model* model) {
    Pieces pieces;
    EXPECT_EQ(
        outcome(eigenformer_generate(model, eigenformer_text_of("hello"), nullptr, &Pieces::add, &pieces, error())),
        "ok");
    return pieces.joined();
  }
  void expect_all_closed() const { EXPECT_EQ(archive_.closed, archive_.opened); }

  Archive archive_;
  eigenformer_source source_{};
  eigenformer_reader reader_{};
  eigenformer_folder folder_{};

 private:
  void pack(const std::filesystem::path& path, const std::string& name) {
    std::ifstream file(path, std::ios::binary);
    archive_.files[name].assign(std::istreambuf_iterator<char>(file), {});
  }
};

TEST_F(CSource, LoadsTheSameModels) {
  const auto writer = load_from(gguf());
  expect_all_closed();
  EXPECT_EQ(text_by(writer.get()), text_by(load(k_c_writer).get()));
  eigenformer_model_info info;
  ASSERT_EQ(outcome(eigenformer_model_get_info(writer.get(), &info, sizeof info, error())), "ok");
  EXPECT_EQ(string_of(info.source), "world.pack/model");

  const auto embedder = load_from(folder());
  expect_all_closed();
  EXPECT_GT(archive_.opened, 5);
  EXPECT_EQ(vector_of(embedder.get()), vector_of(load(k_c_embedder).get()));
  EXPECT_EQ(vector_of(load_from(path(k_c_embedder)).get()), vector_of(embedder.get()));
}

TEST_F(CSource, SaysWhatItWouldTake) {
  const auto expect_that_of = [&](const eigenformer_source* source, const std::string& model) {
    eigenformer_memory_estimate estimate;
    ASSERT_EQ(outcome(eigenformer_estimate(source, nullptr, &estimate, sizeof estimate, error())), "ok");
    expect_all_closed();
    const eigenformer::MemoryEstimate expected = eigenformer::estimate(std::filesystem::path(model));
    EXPECT_EQ(estimate.size, sizeof estimate);
    EXPECT_EQ(estimate.parameters, expected.parameters);
    EXPECT_EQ(estimate.weight_bytes, expected.weight_bytes);
    EXPECT_EQ(estimate.largest_tensor_bytes, expected.largest_tensor_bytes);
    EXPECT_EQ(estimate.context_length, expected.context_length);
    EXPECT_EQ(estimate.page_tokens, expected.page_tokens);
    EXPECT_EQ(estimate.page_bytes, expected.page_bytes);
  };
  expect_that_of(gguf(), k_c_writer);
  expect_that_of(folder(), k_c_embedder);
}

TEST_F(CSource, ReadersMayFail) {
  eigenformer_model* model = nullptr;
  archive_.can_read = false;
  EXPECT_EQ(outcome(eigenformer_load_from_source(gguf(), nullptr, &model, error())), "system.reader_failed");
  EXPECT_STREQ(eigenformer_error_where(error()), "world.pack/model, byte 0");
  EXPECT_EQ(outcome(eigenformer_load_from_source(folder(), nullptr, &model, error())), "system.reader_failed");
  archive_.can_open = false;
  EXPECT_EQ(outcome(eigenformer_load_from_source(folder(), nullptr, &model, error())), "system.reader_failed");
  EXPECT_STREQ(eigenformer_error_message(error()),
               "world.pack/config.json: expected the host's folder to say whether it has the file, found that it "
               "cannot; see to the host's own file");
  archive_.can_open = archive_.can_read = true;
  archive_.files.erase("config.json");
  EXPECT_EQ(outcome(eigenformer_load_from_source(folder(), nullptr, &model, error())), "system.file_open");
  EXPECT_EQ(model, nullptr);
  expect_all_closed();
}

TEST_F(CSource, LoadsInTheBackground) {
  eigenformer_load_options options;
  ASSERT_EQ(outcome(eigenformer_load_options_init(&options, sizeof options, error())), "ok");
  std::atomic<int> calls{0};
  options.progress = [](void* context, std::uint64_t done, std::uint64_t total) -> std::int32_t {
    EXPECT_LE(done, total);
    ++*static_cast<std::atomic<int>*>(context);
    return EIGENFORMER_CONTINUE;
  };
  options.progress_context = &calls;
  const auto loading = begin(gguf(), &options);
  while (eigenformer_loading_ready(loading.get()) == 0) std::this_thread::yield();
  EXPECT_EQ(eigenformer_loading_progress(loading.get()), 1);
  EXPECT_GT(calls, 10);
  for (int time = 0; time < 2; ++time) {
    eigenformer_model* model = nullptr;
    ASSERT_EQ(outcome(eigenformer_loading_wait(loading.get(), &model, error())), "ok");
    const Owned<eigenformer_model> owner(model);
    EXPECT_EQ(text_by(model), text_by(load(k_c_writer).get()));
    expect_all_closed();
  }
  eigenformer_model* model = nullptr;
  EXPECT_EQ(outcome(eigenformer_loading_wait(begin(path("no/such")).get(), &model, error())), "system.file_open");
  EXPECT_EQ(outcome(eigenformer_loading_wait(begin(folder()).get(), &model, error())), "ok");
  eigenformer_model_free(model);
}

/// A reader that waits shows what is seen in the middle.
TEST_F(CSource, IsCancelledInTheMiddle) {
  std::atomic<int> reads{0};
  std::atomic<bool> goes_on{false};
  archive_.on_read = [&] {
    if (++reads != 12) return;
    while (!goes_on) std::this_thread::yield();
  };
  auto loading = begin(gguf());
  while (reads < 12) std::this_thread::yield();
  EXPECT_EQ(eigenformer_loading_ready(loading.get()), 0);
  EXPECT_LT(eigenformer_loading_progress(loading.get()), 1);
  eigenformer_loading_cancel(loading.get());
  goes_on = true;
  eigenformer_model* model = nullptr;
  EXPECT_EQ(outcome(eigenformer_loading_wait(loading.get(), &model, error())), "cancelled.load");
  EXPECT_EQ(model, nullptr);
  expect_all_closed();
  loading = begin(folder());  // and is let go at once
  loading.reset();
  expect_all_closed();
}

TEST_F(CSource, IsOneOfThree) {
  eigenformer_model* model = nullptr;
  EXPECT_EQ(outcome(eigenformer_load_from_source(nullptr, nullptr, &model, error())), "usage.null_argument");
  EXPECT_EQ(outcome(eigenformer_load_from_source(&source_, nullptr, &model, error())), "usage.model_source");
  EXPECT_STREQ(eigenformer_error_message(error()),
               "source: expected one of path, gguf and folder, found 0 of them; fill in where the model comes from, "
               "and leave the others null");
  source_.gguf = &reader_;
  EXPECT_EQ(outcome(eigenformer_load_from_source(&source_, nullptr, &model, error())), "usage.null_argument");
  EXPECT_STREQ(eigenformer_error_where(error()), "gguf.read");
  source_.folder = &folder_;
  EXPECT_EQ(outcome(eigenformer_load_from_source(&source_, nullptr, &model, error())), "usage.model_source");
  source_.gguf = nullptr;
  EXPECT_EQ(outcome(eigenformer_load_from_source(&source_, nullptr, &model, error())), "usage.null_argument");
  EXPECT_STREQ(eigenformer_error_where(error()), "folder.open");
  folder_.size = 3;
  EXPECT_EQ(outcome(eigenformer_load_from_source(&source_, nullptr, &model, error())), "usage.struct_size");
}

/// Whatever comes of a call that has taken the source.
TEST_F(CSource, IsClosedWhereOtherArgumentsAreRefused) {
  eigenformer_load_options options;
  ASSERT_EQ(outcome(eigenformer_load_options_init(&options, sizeof options, error())), "ok");
  options.threads = 0;
  eigenformer_model* model = nullptr;
  eigenformer_loading* loading = nullptr;
  eigenformer_memory_estimate estimate;
  EXPECT_EQ(outcome(eigenformer_load_from_source(gguf(), &options, &model, error())), "usage.option_range");
  EXPECT_EQ(outcome(eigenformer_load_from_source(gguf(), nullptr, nullptr, error())), "usage.null_argument");
  EXPECT_EQ(outcome(eigenformer_load_begin(folder(), &options, &loading, error())), "usage.option_range");
  EXPECT_EQ(outcome(eigenformer_load_begin(gguf(), nullptr, nullptr, error())), "usage.null_argument");
  EXPECT_EQ(outcome(eigenformer_estimate(gguf(), nullptr, &estimate, 8, error())), "usage.struct_size");
  EXPECT_EQ(outcome(eigenformer_estimate(gguf(), nullptr, nullptr, sizeof estimate, error())), "usage.null_argument");
  expect_all_closed();
}

TEST_F(CSource, NothingHappensWithNullOrAnotherHandle) {
  auto* other = reinterpret_cast<eigenformer_loading*>(error());
  for (eigenformer_loading* none : {static_cast<eigenformer_loading*>(nullptr), other}) {
    EXPECT_EQ(eigenformer_loading_ready(none), 0);
    EXPECT_EQ(eigenformer_loading_progress(none), 0);
    eigenformer_loading_cancel(none);
    eigenformer_loading_free(none);
  }
  eigenformer_model* model = nullptr;
  EXPECT_EQ(outcome(eigenformer_loading_wait(nullptr, &model, error())), "usage.null_argument");
  const auto loading = begin(path(k_c_writer));
  EXPECT_EQ(outcome(eigenformer_loading_wait(loading.get(), nullptr, error())), "usage.null_argument");
  const auto writer = load(k_c_writer);
  EXPECT_EQ(outcome(eigenformer_loading_wait(reinterpret_cast<eigenformer_loading*>(writer.get()), &model, error())),
            "usage.handle");
  EXPECT_EQ(outcome(eigenformer_reader_init(nullptr, sizeof reader_, error())), "usage.null_argument");
  EXPECT_EQ(outcome(eigenformer_folder_init(nullptr, sizeof folder_, error())), "usage.null_argument");
  EXPECT_EQ(outcome(eigenformer_source_init(nullptr, sizeof source_, error())), "usage.null_argument");
}

}  // namespace
}  // namespace eigenformer_tests
