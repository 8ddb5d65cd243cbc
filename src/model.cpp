// The compiled build of loading and of the Model handle.
#include "eigenformer/find_model-inl.hpp"
#include "eigenformer/forward-inl.hpp"
#include "eigenformer/loading-inl.hpp"
#include "eigenformer/model-inl.hpp"
