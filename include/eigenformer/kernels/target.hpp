// Target regions: code for an instruction set that the rest of the program is not compiled for.
//
// A region holds plain functions on raw memory, in a namespace of its instruction set; nothing is included in it and no
// template of another header is instantiated in it, or the copy that the linker keeps could need instructions that the
// machine lacks. Regions open outside of namespaces (older clang). The technique is simdjson's.
#pragma once

#include "eigenformer/core/config.hpp"

#define EIGENFORMER_PRAGMA(text) _Pragma(#text)
#if defined(__clang__)
#define EIGENFORMER_TARGET_BEGIN(isa) \
  EIGENFORMER_PRAGMA(clang attribute push(__attribute__((target(isa))), apply_to = function))
#define EIGENFORMER_TARGET_END _Pragma("clang attribute pop")
#elif defined(__GNUC__)
#define EIGENFORMER_TARGET_BEGIN(isa) _Pragma("GCC push_options") EIGENFORMER_PRAGMA(GCC target(isa))
#define EIGENFORMER_TARGET_END _Pragma("GCC pop_options")
#else  // MSVC compiles intrinsics of any instruction set everywhere.
#define EIGENFORMER_TARGET_BEGIN(isa)
#define EIGENFORMER_TARGET_END
#endif
