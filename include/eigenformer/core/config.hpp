// What every header includes first: the version, the inline namespace and the one switch between the two builds.
#pragma once

#if defined(__FAST_MATH__)
#error \
    "eigenformer promises the same bits on every machine and cannot keep that under -ffast-math: build the files that include it without -ffast-math."
#endif

#define EIGENFORMER_VERSION_MAJOR 0
#define EIGENFORMER_VERSION_MINOR 1
#define EIGENFORMER_VERSION_PATCH 0

// EIGENFORMER_HEADER_ONLY is set by the CMake target eigenformer::header_only (or by a user who has no CMake). Each
// x.hpp then includes its x-inl.hpp; in the compiled build those are included once, by the files of src/. The inline
// namespace carries version and mode, so two copies of the library in one process never share a symbol.
#if defined(EIGENFORMER_HEADER_ONLY)
#define EIGENFORMER_INLINE inline
#define EIGENFORMER_ABI v0_1_header_only
#else
#define EIGENFORMER_INLINE
#define EIGENFORMER_ABI v0_1_compiled
#endif

namespace eigenformer::inline EIGENFORMER_ABI {

/// Version of the arithmetic (docs/numerics.md). It stands in saves and replays; a change to any rule raises it.
inline constexpr int k_numerics_version = 1;

}  // namespace eigenformer::inline EIGENFORMER_ABI
