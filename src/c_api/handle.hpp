// What is behind the handles of the C API, and which pointers are refused.
#pragma once

#include <atomic>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>

#include "c_api/error.hpp"
#include "eigenformer/c_api.h"
#include "eigenformer/chat.hpp"
#include "eigenformer/generate.hpp"
#include "eigenformer/load_async.hpp"
#include "eigenformer/model.hpp"

// Each handle begins with the tag of its type: one of another type, which a host without static types passes easily, is
// seen before anything else of it is touched.

struct eigenformer_cancel_token {
  static constexpr std::uint64_t k_tag = 0x65667f43414e434cU;
  std::uint64_t tag = k_tag;
  eigenformer::CancelToken token;
};

struct eigenformer_model {
  static constexpr std::uint64_t k_tag = 0x65667f4d4f44454cU;
  std::uint64_t tag = k_tag;
  eigenformer::Model model;
};

struct eigenformer_loading {
  static constexpr std::uint64_t k_tag = 0x65667f4c4f414421U;
  std::uint64_t tag = k_tag;
  eigenformer::LoadingModel loading;
  std::atomic_flag in_use = {};  // by eigenformer_loading_wait
};

struct eigenformer_chat {
  static constexpr std::uint64_t k_tag = 0x65667f4348415421U;
  std::uint64_t tag = k_tag;
  eigenformer::Model model;
  eigenformer::Chat chat;
  std::shared_ptr<std::atomic_flag> in_use;  // shared with the replies
};

struct eigenformer_reply {
  static constexpr std::uint64_t k_tag = 0x65667f5245504c59U;
  std::uint64_t tag = k_tag;
  eigenformer::Reply reply;
  std::shared_ptr<std::atomic_flag> in_use;  // of a chat's reply: the chat's
  std::string piece = {};                    // what the last eigenformer_reply_next handed out
};

namespace eigenformer::c_api {

/// Throws UsageError "usage.null_argument".
[[noreturn]] void refuse_null(const char* name);
/// Throws UsageError "usage.handle".
[[noreturn]] void refuse_handle(const char* name);

template <class Handle>
bool has_tag(const Handle* handle) noexcept {
  std::uint64_t tag = 0;
  std::memcpy(&tag, static_cast<const void*>(handle), sizeof tag);  // the object may be of another type
  return tag == Handle::k_tag;
}

/// The object of a handle that an argument calls `name`.
template <class Handle>
Handle& require(Handle* handle, const char* name) {
  if (handle == nullptr) refuse_null(name);
  if (!has_tag(handle)) refuse_handle(name);
  return *handle;
}

/// A place that a result goes to.
template <class Value>
Value& require_place(Value* place, const char* name) {
  if (place == nullptr) refuse_null(name);
  return *place;
}

/// Deletes a handle; does nothing with null and with a handle of another type.
template <class Handle>
void release(Handle* handle) noexcept {
  if (handle != nullptr && has_tag(handle)) delete handle;
}

/// Keeps a chat or reply for one call. UsageError "usage.handle_in_use" where another call has it.
class Use {
 public:
  Use(std::atomic_flag& flag, const char* name);
  ~Use() { flag_.clear(std::memory_order_release); }
  Use(const Use&) = delete;
  Use& operator=(const Use&) = delete;

 private:
  std::atomic_flag& flag_;
};

}  // namespace eigenformer::c_api
