// Bytes that somebody fills at once: a tensor as it is read. A plain vector would fill them with zeros before.
#pragma once

#include <cstddef>
#include <memory>
#include <new>
#include <utility>
#include <vector>

#include "eigenformer/core/config.hpp"

namespace eigenformer::inline EIGENFORMER_ABI {

/// Constructs elements that nothing is said about by default-initialization, which leaves bytes as they are.
template <class Element>
class UninitializedAllocator : public std::allocator<Element> {
 public:
  template <class Other>
  struct rebind {
    using other = UninitializedAllocator<Other>;
  };
  using std::allocator<Element>::allocator;

  template <class Type>
  void construct(Type* place) noexcept {
    ::new (static_cast<void*>(place)) Type;
  }
  template <class Type, class... Arguments>
  void construct(Type* place, Arguments&&... arguments) {
    std::construct_at(place, std::forward<Arguments>(arguments)...);
  }
};

using UninitializedBytes = std::vector<std::byte, UninitializedAllocator<std::byte>>;

}  // namespace eigenformer::inline EIGENFORMER_ABI
