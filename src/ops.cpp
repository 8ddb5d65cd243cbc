// The compiled build of the room ops/: every body that its headers declare.
#include "eigenformer/ops/attention-inl.hpp"
#include "eigenformer/ops/linear-inl.hpp"
#include "eigenformer/ops/log_softmax-inl.hpp"
#include "eigenformer/ops/rotary-inl.hpp"
#include "eigenformer/ops/sinusoidal-inl.hpp"
