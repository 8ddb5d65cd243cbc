// Replies: pulled piece by piece, or handed to a callback.
#pragma once

#include "c_api/handle.hpp"
#include "eigenformer/c_api.h"

namespace eigenformer::c_api {

/// Where the pieces of an answer go.
struct PieceListener {
  eigenformer_piece_callback on_piece;
  void* context;
};

/// UsageError "usage.null_argument" where there is no function.
void require_listener(const PieceListener& listener);

/// Pulls all that is left. The listener may end it.
void run(Reply& reply, const PieceListener& listener);

}  // namespace eigenformer::c_api
