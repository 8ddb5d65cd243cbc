// The compiled build of the room nn/: every body that its headers declare.
#include "eigenformer/nn/kv_cache-inl.hpp"
#include "eigenformer/nn/linear_phase-inl.hpp"
#include "eigenformer/nn/program-inl.hpp"
#include "eigenformer/nn/recorder-inl.hpp"
#include "eigenformer/nn/row_phase-inl.hpp"
#include "eigenformer/nn/rows-inl.hpp"
#include "eigenformer/nn/walk-inl.hpp"
#include "eigenformer/nn/session-inl.hpp"
