// The whole library by one include.
#pragma once

#include "eigenformer/asset_reader.hpp"
#include "eigenformer/chat.hpp"
#include "eigenformer/choose.hpp"
#include "eigenformer/error.hpp"
#include "eigenformer/estimate.hpp"
#include "eigenformer/executor.hpp"
#include "eigenformer/find_model.hpp"
#include "eigenformer/forward.hpp"
#include "eigenformer/generate.hpp"
#include "eigenformer/load_async.hpp"
#include "eigenformer/model.hpp"
#include "eigenformer/scheduler.hpp"
#include "eigenformer/segment_memory.hpp"
#include "eigenformer/tasks.hpp"
#include "eigenformer/text_piece.hpp"
#include "eigenformer/tokenizer.hpp"
