// Target regions: code for an instruction set that the rest of the program is not compiled for.
//
// A region holds plain functions on raw memory, in a namespace of its instruction set; no header is included in it and
// no template of another header is instantiated in it, or the copy that the linker keeps could need instructions that
// the machine lacks. What several instruction sets share is the text of kernels/lanes/, which each includes into its
// own region and namespace. Regions open outside of namespaces (older clang). The technique is simdjson's.
#pragma once

#include "eigenformer/core/config.hpp"

#define EIGENFORMER_PRAGMA(text) _Pragma(#text)
#if defined(__clang__)
#define EIGENFORMER_TARGET_BEGIN(isa) \
  EIGENFORMER_PRAGMA(clang attribute push(__attribute__((target(isa))), apply_to = function))
#define EIGENFORMER_TARGET_END _Pragma("clang attribute pop")
#elif defined(__GNUC__)
// Many 512-bit intrinsics of g++ 12 name an undefined register that they do not use, and it warns of that where they
// are inlined: https://gcc.gnu.org/bugzilla/show_bug.cgi?id=105593
#define EIGENFORMER_TARGET_BEGIN(isa)                                                         \
  _Pragma("GCC diagnostic push") _Pragma("GCC diagnostic ignored \"-Wuninitialized\"")        \
      _Pragma("GCC diagnostic ignored \"-Wmaybe-uninitialized\"") _Pragma("GCC push_options") \
          EIGENFORMER_PRAGMA(GCC target(isa))
#define EIGENFORMER_TARGET_END _Pragma("GCC pop_options") _Pragma("GCC diagnostic pop")
#else  // MSVC compiles intrinsics of any instruction set everywhere.
#define EIGENFORMER_TARGET_BEGIN(isa)
#define EIGENFORMER_TARGET_END
#endif
