#include "c_api/handle.hpp"

using eigenformer::c_api::has_tag;

namespace {

bool is_token(const eigenformer_cancel_token* token) noexcept { return token != nullptr && has_tag(token); }

}  // namespace

eigenformer_cancel_token* eigenformer_cancel_token_new() {
  try {
    return new eigenformer_cancel_token;
  } catch (...) {
    return nullptr;
  }
}

void eigenformer_cancel_token_free(eigenformer_cancel_token* token) { eigenformer::c_api::release(token); }

void eigenformer_cancel_token_cancel(const eigenformer_cancel_token* token) {
  if (is_token(token)) token->token.cancel();
}

void eigenformer_cancel_token_reset(const eigenformer_cancel_token* token) {
  if (is_token(token)) token->token.reset();
}

int32_t eigenformer_cancel_token_cancelled(const eigenformer_cancel_token* token) {
  return is_token(token) && token->token.cancelled() ? 1 : 0;
}
