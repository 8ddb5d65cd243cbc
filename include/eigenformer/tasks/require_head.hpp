// Whether a model has what a task needs; for the library's own rooms.
#pragma once

#include <initializer_list>
#include <string_view>

#include "eigenformer/core/config.hpp"
#include "eigenformer/model.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tasks {

/// Throws UsageError "usage.task" where the model's head is none of those: `require_head(model,
/// {ModelHead::token_classification}, "tag")`. `task` is the function's name, as the user writes it.
void require_head(const Model& model, std::initializer_list<ModelHead> heads, std::string_view task);

/// The same for the kind of model; a task that needs both asks for both.
void require_kind(const Model& model, std::initializer_list<ModelKind> kinds, std::string_view task);

/// The token that stands for a masked place. UsageError "usage.mask_token" where the tokenizer has none.
TokenId require_mask(const Model& model);

}  // namespace eigenformer::inline EIGENFORMER_ABI::tasks

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/tasks/require_head-inl.hpp"
#endif
