#pragma once

#include <algorithm>

#include "eigenformer/tokenize/pipeline.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

EIGENFORMER_INLINE std::size_t Pipeline::vocabulary_size() const {
  return std::max(model->vocabulary_size(), added.end_id());
}

EIGENFORMER_INLINE std::optional<std::string_view> Pipeline::token(TokenId id) const {
  if (const AddedToken* token = added.token(id)) return token->content;
  if (id < 0 || static_cast<std::size_t>(id) >= model->vocabulary_size()) return std::nullopt;
  return model->has(id) ? std::optional<std::string_view>(model->token(id)) : std::nullopt;
}

EIGENFORMER_INLINE std::optional<TokenId> Pipeline::find(std::string_view token) const {
  const std::optional<TokenId> id = added.find(token);
  return id ? id : model->find(token);
}

EIGENFORMER_INLINE std::optional<std::string_view> Pipeline::decoded_form(TokenId id) const {
  return added.token(id) != nullptr ? added.decoded_form(id) : token(id);
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize
