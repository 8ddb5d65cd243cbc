#pragma once

#include <algorithm>
#include <unordered_map>
#include <utility>
#include <vector>

#include "eigenformer/error.hpp"
#include "eigenformer/format/byte_reader.hpp"
#include "eigenformer/format/pattern.hpp"
#include "eigenformer/format/weight_source.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::format {

struct WeightSource::State {
  struct Tensor {
    const TensorEntry* entry;
    bool claimed = false;
  };

  std::shared_ptr<const TensorFile> file;
  TensorNaming naming;
  const LoadProgress* progress = nullptr;
  std::unordered_map<std::string_view, Tensor> tensors;  ///< by the file's names, which live in its entries
  std::uint64_t done_bytes = 0;

  /// The tensor of a checkpoint's full name; null where the file has none.
  Tensor* find(std::string_view full_name) {
    for (const std::string& name : candidate_names(naming, full_name)) {
      const auto found = tensors.find(name);
      if (found != tensors.end()) return &found->second;
    }
    return nullptr;
  }

  /// The checkpoint's name, with the file's where it is another.
  std::string both_names(std::string_view full_name) const {
    const std::string mapped = mapped_name(naming, full_name);
    return mapped == full_name ? mapped : mapped + " (" + std::string(full_name) + ")";
  }

  /// The tensor of a checkpoint's full name, which has that shape.
  Tensor& require(const std::string& full_name, const Shape& shape) {
    Tensor* const tensor = find(full_name);
    const auto wanted = [&] { return "tensor " + both_names(full_name) + " of shape " + shape_text(shape); };
    if (tensor == nullptr) {
      throw WeightError({.id = "weight.missing",
                         .expected = wanted(),
                         .found = "no such tensor",
                         .where = file->where(),
                         .remedy = "use weights and config of the same model"});
    }
    if (tensor->entry->shape != shape) {
      throw WeightError({.id = "weight.shape",
                         .expected = wanted(),
                         .found = "shape " + shape_text(tensor->entry->shape),
                         .where = file->where(),
                         .remedy = "use weights and config of the same model"});
    }
    return *tensor;
  }

  /// Whether a pattern matches the file's name, as it is or with an optional prefix taken away or added.
  bool is_ignorable(std::string_view file_name, std::span<const std::string_view> patterns) const {
    const std::vector<std::string> names = candidate_names({{}, naming.optional_prefixes}, file_name);
    return std::any_of(patterns.begin(), patterns.end(), [&](std::string_view pattern) {
      return std::any_of(names.begin(), names.end(), [&](const std::string& name) { return matches(name, pattern); });
    });
  }

  void report_progress() const {
    if (progress != nullptr) progress->report(done_bytes);
  }
};

EIGENFORMER_INLINE WeightSource::WeightSource(std::shared_ptr<State> state, std::string scope)
    : state_(std::move(state)), scope_(std::move(scope)) {}

EIGENFORMER_INLINE WeightSource WeightSource::operator/(std::string_view name) const {
  return WeightSource(state_, full_name(name));
}

EIGENFORMER_INLINE RawTensor WeightSource::claim(std::string_view name, const Shape& shape) const {
  State::Tensor& tensor = state_->require(full_name(name), shape);
  RawTensor raw = state_->file->read(*tensor.entry);
  if (!std::exchange(tensor.claimed, true)) state_->done_bytes += tensor.entry->bytes;
  state_->report_progress();
  return raw;
}

EIGENFORMER_INLINE RawTensor WeightSource::claim_unread(std::string_view name, const Shape& shape) const {
  State::Tensor& tensor = state_->require(full_name(name), shape);
  tensor.claimed = true;
  return {.type = tensor.entry->type,
          .shape = shape,
          .bytes = {},
          .where = where() + ", tensor " + printable(tensor.entry->name)};
}

EIGENFORMER_INLINE bool WeightSource::has(std::string_view name) const {
  return state_->find(full_name(name)) != nullptr;
}

EIGENFORMER_INLINE void WeightSource::pass_over(std::string_view pattern) const {
  for (const TensorEntry& entry : state_->file->entries()) {
    State::Tensor& tensor = state_->tensors.at(entry.name);
    if (!state_->is_ignorable(entry.name, {&pattern, 1}) || std::exchange(tensor.claimed, true)) continue;
    state_->done_bytes += entry.bytes;
  }
}

EIGENFORMER_INLINE void WeightSource::finish(std::span<const std::string_view> ignorable_patterns) const {
  constexpr std::size_t most_names = 5;
  std::vector<std::string> left;
  for (const TensorEntry& entry : state_->file->entries()) {
    if (state_->tensors.at(entry.name).claimed || state_->is_ignorable(entry.name, ignorable_patterns)) continue;
    left.push_back(printable(entry.name));
  }
  if (left.empty()) return;
  std::string names;
  for (std::size_t i = 0; i < std::min(left.size(), most_names); ++i) names += (i == 0 ? "" : ", ") + left[i];
  if (left.size() > most_names) names += " and " + std::to_string(left.size() - most_names) + " more";
  throw WeightError({.id = "weight.extra",
                     .expected = "no tensors but those that the config asks for",
                     .found = names,
                     .where = where(),
                     .remedy = "use weights and config of the same model"});
}

EIGENFORMER_INLINE std::string WeightSource::full_name(std::string_view name) const {
  if (scope_.empty() || name.empty()) return scope_ + std::string(name);
  return scope_ + "." + std::string(name);
}

EIGENFORMER_INLINE std::string WeightSource::where() const { return state_->file->where(); }

EIGENFORMER_INLINE WeightSource make_weight_source(std::shared_ptr<const TensorFile> file, TensorNaming naming,
                                                   const LoadProgress* progress) {
  auto state = std::make_shared<WeightSource::State>();
  for (const TensorEntry& entry : file->entries()) {
    state->tensors.emplace(entry.name, WeightSource::State::Tensor{&entry});
  }
  state->file = std::move(file);
  state->naming = std::move(naming);
  state->progress = progress;
  return WeightSource(std::move(state));
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::format
