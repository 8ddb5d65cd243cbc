// The compiled build of the room core/: every body that its headers declare.
#include "eigenformer/core/math-inl.hpp"
#include "eigenformer/error-inl.hpp"
#include "eigenformer/executor-inl.hpp"
