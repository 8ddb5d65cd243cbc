// The compiled build of the room arch/: every body that its headers declare.
#include "eigenformer/arch/registry-inl.hpp"
