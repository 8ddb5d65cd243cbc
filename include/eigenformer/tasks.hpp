// What a model does in one call, without a conversation; each task has a header of its own below tasks/. Light.
#pragma once

#include "eigenformer/model.hpp"
#include "eigenformer/tasks/embed.hpp"
#include "eigenformer/tasks/rerank.hpp"
#include "eigenformer/tasks/score.hpp"
