// The compiled build of loading and of the Model handle.
#include "eigenformer/find_model-inl.hpp"
#include "eigenformer/forward-inl.hpp"
#include "eigenformer/forward_pair-inl.hpp"
#include "eigenformer/forward_segment-inl.hpp"
#include "eigenformer/generation_defaults-inl.hpp"
#include "eigenformer/loading-inl.hpp"
#include "eigenformer/model-inl.hpp"
#include "eigenformer/source_encoding-inl.hpp"
