#include "c_api/reply.hpp"

#include <optional>
#include <utility>

#include "c_api/structure.hpp"
#include "c_api/value.hpp"

namespace eigenformer::c_api {

void require_listener(const PieceListener& listener) {
  if (listener.on_piece == nullptr) refuse_null("on_piece");
}

void run(Reply& reply, const PieceListener& listener) {
  while (const std::optional<std::string> piece = reply.next()) {
    if (listener.on_piece(listener.context, lend(*piece)) == EIGENFORMER_STOP) reply.stop();
  }
}

namespace {

/// EIGENFORMER_FINISH_END_TOKEN is FinishReason::end_token, and so on.
std::int32_t number_of(std::optional<FinishReason> reason) {
  return reason ? static_cast<std::int32_t>(*reason) + 1 : EIGENFORMER_FINISH_NONE;
}
static_assert(static_cast<int>(FinishReason::end_token) + 1 == EIGENFORMER_FINISH_END_TOKEN);
static_assert(static_cast<int>(FinishReason::banned) + 1 == EIGENFORMER_FINISH_BANNED);

eigenformer_reply_result result_of(const Reply& reply) {
  const ReplyStatistics& statistics = reply.statistics();
  return {.size = 0,
          .text = lend(reply.text()),
          .tokens = {reply.ids().data(), reply.ids().size()},
          .prompt_tokens = statistics.prompt_tokens,
          .cached_tokens = statistics.cached_tokens,
          .prompt_seconds = statistics.prompt_seconds,
          .token_seconds = statistics.token_seconds,
          .finish_reason = number_of(reply.finish_reason()),
          .reserved = 0};
}

}  // namespace

}  // namespace eigenformer::c_api

using namespace eigenformer::c_api;

eigenformer_status eigenformer_reply_next(eigenformer_reply* reply, eigenformer_text* piece, eigenformer_error* error) {
  return attempt_call(error, [&] {
    eigenformer_reply& handle = require(reply, "reply");
    eigenformer_text& place = require_place(piece, "piece");
    const Use use(*handle.in_use, "reply");
    std::optional<std::string> next = handle.reply.next();
    handle.piece = std::move(next).value_or("");
    place = handle.piece.empty() ? eigenformer_text{nullptr, 0} : lend(handle.piece);
  });
}

eigenformer_status eigenformer_reply_run(eigenformer_reply* reply, eigenformer_piece_callback on_piece, void* context,
                                         eigenformer_error* error) {
  return attempt_call(error, [&] {
    eigenformer_reply& handle = require(reply, "reply");
    require_listener({on_piece, context});
    const Use use(*handle.in_use, "reply");
    run(handle.reply, {on_piece, context});
  });
}

eigenformer_status eigenformer_reply_stop(eigenformer_reply* reply, eigenformer_error* error) {
  return attempt_call(error, [&] {
    eigenformer_reply& handle = require(reply, "reply");
    const Use use(*handle.in_use, "reply");
    handle.reply.stop();
  });
}

eigenformer_status eigenformer_reply_cancel(const eigenformer_reply* reply, eigenformer_error* error) {
  return attempt_call(error, [&] { require(reply, "reply").reply.cancel_token().cancel(); });
}

eigenformer_status eigenformer_reply_get_result(const eigenformer_reply* reply, eigenformer_reply_result* result,
                                                uint64_t size, eigenformer_error* error) {
  return attempt_call(error, [&] {
    const eigenformer_reply& handle = require(reply, "reply");
    const Use use(*handle.in_use, "reply");
    write_structure(result, size, result_of(handle.reply));
  });
}

void eigenformer_reply_free(eigenformer_reply* reply) { release(reply); }
