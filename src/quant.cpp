// The compiled build of the room quant/: every body that its headers declare.
#include "eigenformer/quant/block_formats-inl.hpp"
#include "eigenformer/quant/pack-inl.hpp"
#include "eigenformer/quant/panel_memory-inl.hpp"
#include "eigenformer/quant/unpack-inl.hpp"
