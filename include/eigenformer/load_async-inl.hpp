#pragma once

#include <atomic>
#include <functional>
#include <optional>
#include <thread>
#include <utility>

#include "eigenformer/core/attempt.hpp"
#include "eigenformer/load_async.hpp"

namespace eigenformer::inline EIGENFORMER_ABI {

struct LoadingModel::State {
  std::atomic<double> progress{0};
  std::atomic<bool> cancelled{false};
  std::atomic<bool> ready{false};
  std::optional<Result<Model>> result;  // for others when `ready`
  std::thread thread;                   // stands below what it uses

  /// The host's callback, and what this object wants to know.
  std::function<bool(std::uint64_t, std::uint64_t)> watch(std::function<bool(std::uint64_t, std::uint64_t)> host) {
    return [this, host = std::move(host)](std::uint64_t done, std::uint64_t total) {
      progress.store(total == 0 ? 1.0 : static_cast<double>(done) / static_cast<double>(total));
      return !cancelled.load() && (!host || host(done, total));
    };
  }

  void finish(Result<Model> end) {
    result.emplace(std::move(end));
    ready.store(true);
  }
};

namespace load_async_detail {

using Loader = std::function<Model(const LoadOptions&)>;

inline LoadingModel begin(Loader load, LoadOptions options) {
  auto state = std::make_unique<LoadingModel::State>();
  LoadingModel::State& shared = *state;
  options.progress = shared.watch(std::move(options.progress));
  const Result<void> begun = attempt([&] {
    shared.thread = std::thread([&shared, load = std::move(load), options = std::move(options)] {
      shared.finish(attempt([&] { return load(options); }));
    });
  });
  if (!begun) shared.finish(begun.error());
  return LoadingModel(std::move(state));
}

}  // namespace load_async_detail

EIGENFORMER_INLINE LoadingModel::LoadingModel(std::unique_ptr<State> state) noexcept : state_(std::move(state)) {}
EIGENFORMER_INLINE LoadingModel::LoadingModel(LoadingModel&&) noexcept = default;
EIGENFORMER_INLINE LoadingModel& LoadingModel::operator=(LoadingModel&& other) noexcept {
  if (this != &other) {
    give_up();
    state_ = std::move(other.state_);
  }
  return *this;
}
EIGENFORMER_INLINE LoadingModel::~LoadingModel() { give_up(); }

EIGENFORMER_INLINE void LoadingModel::give_up() noexcept {
  if (!state_) return;
  cancel();
  if (state_->thread.joinable()) state_->thread.join();
}

EIGENFORMER_INLINE bool LoadingModel::ready() const noexcept { return state_->ready.load(); }
EIGENFORMER_INLINE double LoadingModel::progress() const noexcept { return state_->progress.load(); }
EIGENFORMER_INLINE void LoadingModel::cancel() const noexcept { state_->cancelled.store(true); }

EIGENFORMER_INLINE Result<Model> LoadingModel::get() {
  if (state_->thread.joinable()) state_->thread.join();
  return *state_->result;
}

EIGENFORMER_INLINE LoadingModel load_async(std::filesystem::path path, LoadOptions options) {
  return load_async_detail::begin([path = std::move(path)](const LoadOptions& watched) { return load(path, watched); },
                                  std::move(options));
}

EIGENFORMER_INLINE LoadingModel load_async(std::shared_ptr<const AssetReader> gguf, LoadOptions options) {
  return load_async_detail::begin(
      [gguf = std::move(gguf)](const LoadOptions& watched) { return load_from_reader(gguf, watched); },
      std::move(options));
}

EIGENFORMER_INLINE LoadingModel load_async(std::shared_ptr<const AssetFolder> folder, LoadOptions options) {
  return load_async_detail::begin(
      [folder = std::move(folder)](const LoadOptions& watched) { return load_from_reader(folder, watched); },
      std::move(options));
}

}  // namespace eigenformer::inline EIGENFORMER_ABI
