// The compiled build of the room kernels/: every body that its headers declare.
#include "eigenformer/kernels/select-inl.hpp"
