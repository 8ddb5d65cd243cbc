// Loading in the background, while the host draws a bar. A light header.
#pragma once

#include <filesystem>
#include <memory>

#include "eigenformer/asset_reader.hpp"
#include "eigenformer/core/config.hpp"
#include "eigenformer/error.hpp"
#include "eigenformer/model.hpp"

namespace eigenformer::inline EIGENFORMER_ABI {

/// A model that is being loaded by a thread of its own. progress(), ready() and cancel() are for any thread.
///
///     LoadingModel loading = load_async(path);
///     while (!loading.ready()) draw_bar(loading.progress());
///     Result<Model> model = loading.get();
class LoadingModel {
 public:
  LoadingModel(LoadingModel&&) noexcept;
  /// Cancels what it was loading and waits for the end of that.
  LoadingModel& operator=(LoadingModel&&) noexcept;
  /// Cancels it where it is not over, and waits for the end of that.
  ~LoadingModel();

  /// Whether get() would return at once.
  bool ready() const noexcept;
  /// Which part of the weights has been read, 0 to 1.
  double progress() const noexcept;
  /// Ends it between two tensors, or within the tokenizer's vocabulary: get() returns "cancelled.load" then, unless it
  /// was over before.
  void cancel() const noexcept;
  /// Waits for the end; the model, or why there is none. May be called again. Not for two threads at a time.
  Result<Model> get();

  /// What is behind it.
  struct State;
  /// For the library's own rooms.
  explicit LoadingModel(std::unique_ptr<State> state) noexcept;

 private:
  void give_up() noexcept;
  std::unique_ptr<State> state_;
};

/// Begins to load what `load` and `load_from_reader` load. LoadOptions::progress is called by that other thread.
LoadingModel load_async(std::filesystem::path path, LoadOptions options = {});
LoadingModel load_async(std::shared_ptr<const AssetReader> gguf, LoadOptions options = {});
LoadingModel load_async(std::shared_ptr<const AssetFolder> folder, LoadOptions options = {});

}  // namespace eigenformer::inline EIGENFORMER_ABI

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/load_async-inl.hpp"
#endif
