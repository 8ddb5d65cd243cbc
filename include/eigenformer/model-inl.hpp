#pragma once

#include <utility>

#include "eigenformer/core/attempt.hpp"
#include "eigenformer/loading.hpp"
#include "eigenformer/model.hpp"
#include "eigenformer/model_state.hpp"
#include "eigenformer/reader_source.hpp"

namespace eigenformer::inline EIGENFORMER_ABI {

EIGENFORMER_INLINE const ModelInfo& Model::info() const& noexcept { return state_->info; }
EIGENFORMER_INLINE ModelInfo Model::info() && { return state_->info; }
EIGENFORMER_INLINE bool Model::has_tokenizer() const noexcept { return state_->tokenizer.has_value(); }
EIGENFORMER_INLINE const std::optional<std::string>& Model::chat_template() const noexcept {
  return state_->chat_template;
}
EIGENFORMER_INLINE const std::optional<std::string>& Model::generation_config() const noexcept {
  return state_->generation_config;
}
EIGENFORMER_INLINE const std::vector<TokenId>& Model::end_tokens() const noexcept { return state_->end_tokens; }

EIGENFORMER_INLINE const Tokenizer& Model::tokenizer() const {
  if (!state_->tokenizer) raise(*state_->tokenizer_error);
  return *state_->tokenizer;
}

EIGENFORMER_INLINE std::uint64_t Model::cache_bytes(std::size_t tokens) const noexcept {
  return state_->cache_layout.cache_bytes(tokens);
}
EIGENFORMER_INLINE std::uint64_t Model::source_bytes(std::size_t tokens) const noexcept {
  return state_->source ? state_->source->source_layout.cache_bytes(tokens) : 0;
}

EIGENFORMER_INLINE nn::Program ModelState::record(nn::ProgramRole role, nn::RecorderOptions watching) const {
  watching.exact = info.compute == Compute::exact;
  nn::Recorder recorder(std::move(watching));
  network->record(recorder, role);
  return std::move(recorder).finish();
}

EIGENFORMER_INLINE Model load(const std::filesystem::path& path, const LoadOptions& options) {
  return Model(loading::load_path(path, options));
}

EIGENFORMER_INLINE Result<Model> try_load(const std::filesystem::path& path, const LoadOptions& options) {
  return attempt([&] { return load(path, options); });
}

EIGENFORMER_INLINE Model load_from_memory(std::span<const std::byte> gguf, const LoadOptions& options) {
  return Model(loading::load_gguf(format::memory_source(gguf, "the file in memory"), options));
}

EIGENFORMER_INLINE Result<Model> try_load_from_memory(std::span<const std::byte> gguf, const LoadOptions& options) {
  return attempt([&] { return load_from_memory(gguf, options); });
}

EIGENFORMER_INLINE Model load_from_reader(std::shared_ptr<const AssetReader> gguf, const LoadOptions& options) {
  return Model(loading::load_gguf(loading::reader_source(std::move(gguf)), options));
}

EIGENFORMER_INLINE Result<Model> try_load_from_reader(std::shared_ptr<const AssetReader> gguf,
                                                      const LoadOptions& options) {
  return attempt([&] { return load_from_reader(std::move(gguf), options); });
}

EIGENFORMER_INLINE Model load_from_reader(std::shared_ptr<const AssetFolder> folder, const LoadOptions& options) {
  return Model(loading::load_folder(loading::reader_folder(std::move(folder)), options));
}

EIGENFORMER_INLINE Result<Model> try_load_from_reader(std::shared_ptr<const AssetFolder> folder,
                                                      const LoadOptions& options) {
  return attempt([&] { return load_from_reader(std::move(folder), options); });
}

}  // namespace eigenformer::inline EIGENFORMER_ABI
