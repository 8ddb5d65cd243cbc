// Encoders at rest: what they remember of one text's words serves the next text.
#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "eigenformer/core/config.hpp"
#include "eigenformer/tokenize/models/model.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

/// Any number of threads may use it. What an encoder remembers changes no token, so it does not matter which one a text
/// gets. A few are kept: a host with many threads makes further ones, as if there were no pool.
class EncoderPool {
 public:
  /// An encoder for one text; it goes back when the lease ends.
  class Lease {
   public:
    Lease(EncoderPool& pool, std::unique_ptr<PieceEncoder> encoder) : pool_(&pool), encoder_(std::move(encoder)) {}
    Lease(Lease&&) noexcept = default;
    Lease& operator=(Lease&&) = delete;
    ~Lease() {
      if (encoder_) pool_->give_back(std::move(encoder_));
    }
    explicit operator bool() const { return encoder_ != nullptr; }
    PieceEncoder& operator*() const { return *encoder_; }

   private:
    EncoderPool* pool_;
    std::unique_ptr<PieceEncoder> encoder_;
  };

  /// `make()` gives a new one where none rests; it may give null.
  template <class Make>
  Lease take(Make make) {
    {
      const std::lock_guard lock(mutex_);
      if (!resting_.empty()) {
        std::unique_ptr<PieceEncoder> encoder = std::move(resting_.back());
        resting_.pop_back();
        return Lease(*this, std::move(encoder));
      }
    }
    return Lease(*this, make());
  }

 private:
  static constexpr std::size_t k_most = 4;

  void give_back(std::unique_ptr<PieceEncoder> encoder) {
    const std::lock_guard lock(mutex_);
    if (resting_.size() < k_most) resting_.push_back(std::move(encoder));
  }

  std::mutex mutex_;
  std::vector<std::unique_ptr<PieceEncoder>> resting_ = [] {
    std::vector<std::unique_ptr<PieceEncoder>> room;
    room.reserve(k_most);  // so that giving back throws nothing
    return room;
  }();
};

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize
