// The compiled build of the room kernels/: every body that its headers declare.
#include "eigenformer/kernels/known_answer-inl.hpp"
#include "eigenformer/kernels/select-inl.hpp"
