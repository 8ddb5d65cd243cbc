// Structures that begin with their size, so that an older program may call a newer library and the other way round.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>

#include "c_api/handle.hpp"
#include "eigenformer/c_api.h"

namespace eigenformer::c_api {

/// The size that a structure had in the first version that has it; a structure that grows gets a specialization.
template <class Structure>
inline constexpr std::uint64_t k_first_size = sizeof(Structure);

/// Larger than any structure will grow: what is above was never set.
inline constexpr std::uint64_t k_largest_size = 4096;

/// Throws UsageError "usage.struct_size".
[[noreturn]] void refuse_size(std::uint64_t smallest, std::uint64_t size, const char* name);

template <class Structure>
void require_size(std::uint64_t size, const char* name) {
  if (size < k_first_size<Structure> || size > k_largest_size) refuse_size(k_first_size<Structure>, size, name);
}

/// Writes a structure into the `size` bytes of a caller, who may know fewer members, or more: those become 0.
template <class Structure>
void write_structure(Structure* place, std::uint64_t size, Structure value) {
  require_place(place, "the structure");
  require_size<Structure>(size, "the size of the structure");
  value.size = size;
  std::memset(static_cast<void*>(place), 0, size);
  std::memcpy(static_cast<void*>(place), &value, std::min<std::uint64_t>(size, sizeof value));
}

/// What a caller gives, who may know fewer members, which keep their defaults, or more, which must be 0.
template <class Structure>
Structure read_structure(const Structure* given, const Structure& defaults) {
  if (given == nullptr) return defaults;
  require_size<Structure>(given->size, "the size of the options");
  const auto* bytes = reinterpret_cast<const unsigned char*>(given);
  const auto is_set = [](unsigned char byte) { return byte != 0; };
  if (given->size > sizeof(Structure) && std::any_of(bytes + sizeof(Structure), bytes + given->size, is_set)) {
    refuse_size(sizeof(Structure), given->size, "an option that this version of the library does not know");
  }
  Structure value = defaults;
  std::memcpy(static_cast<void*>(&value), given, std::min<std::uint64_t>(given->size, sizeof value));
  return value;
}

}  // namespace eigenformer::c_api
