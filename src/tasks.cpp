// The compiled build of the room tasks/: every body that its headers declare.
#include "eigenformer/tasks/embed-inl.hpp"
#include "eigenformer/tasks/require_head-inl.hpp"
#include "eigenformer/tasks/rerank-inl.hpp"
#include "eigenformer/tasks/score-inl.hpp"
#include "eigenformer/tasks/text_batch-inl.hpp"
