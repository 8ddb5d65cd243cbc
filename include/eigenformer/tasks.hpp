// What a model does in one call, without a conversation; each task has a header of its own below tasks/. Light.
#pragma once

#include "eigenformer/model.hpp"
#include "eigenformer/tasks/answer.hpp"
#include "eigenformer/tasks/classify.hpp"
#include "eigenformer/tasks/embed.hpp"
#include "eigenformer/tasks/fill_mask.hpp"
#include "eigenformer/tasks/long_text.hpp"
#include "eigenformer/tasks/multiple_choice.hpp"
#include "eigenformer/tasks/next_sentence.hpp"
#include "eigenformer/tasks/rerank.hpp"
#include "eigenformer/tasks/score.hpp"
#include "eigenformer/tasks/summarize.hpp"
#include "eigenformer/tasks/tag.hpp"
#include "eigenformer/tasks/translate.hpp"
