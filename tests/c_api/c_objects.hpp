// Owners of what the C API hands out, and what a call came to in words.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "eigenformer/c_api.h"
#include "eigenformer/error.hpp"

namespace eigenformer_tests {

struct FreeByC {
  void operator()(eigenformer_error* error) const { eigenformer_error_free(error); }
  void operator()(eigenformer_model* model) const { eigenformer_model_free(model); }
  void operator()(eigenformer_loading* loading) const { eigenformer_loading_free(loading); }
  void operator()(eigenformer_reply* reply) const { eigenformer_reply_free(reply); }
  void operator()(eigenformer_chat* chat) const { eigenformer_chat_free(chat); }
  void operator()(eigenformer_cancel_token* token) const { eigenformer_cancel_token_free(token); }
  void operator()(void* memory) const { eigenformer_free(memory); }
};
template <class Object>
using Owned = std::unique_ptr<Object, FreeByC>;

inline const std::string k_c_writer = EIGENFORMER_SOURCE_DIR "/tests/golden/gguf/q4_1/model.gguf";
inline const std::string k_c_embedder = EIGENFORMER_SOURCE_DIR "/tests/tasks/vectors/mean";

/// Each test has an error object, and says what a call came to: "ok", or the error's id.
class CApi : public testing::Test {
 protected:
  std::string outcome(eigenformer_status status) const {
    EXPECT_EQ(eigenformer_error_status(error()), status);
    if (status != EIGENFORMER_OK) return eigenformer_error_id(error());
    EXPECT_STREQ(eigenformer_error_message(error()), "");
    return "ok";
  }
  eigenformer_error* error() const { return error_.get(); }

  Owned<eigenformer_model> load(const std::string& path) const {
    eigenformer_model* model = nullptr;
    EXPECT_EQ(outcome(eigenformer_load(path.c_str(), nullptr, &model, error())), "ok")
        << eigenformer_error_message(error());
    return Owned<eigenformer_model>(model);
  }

 private:
  Owned<eigenformer_error> error_{eigenformer_error_new()};
};

inline std::string string_of(eigenformer_text text) { return {text.data, text.data + text.size}; }

/// A text of C++, which must live as long.
inline eigenformer_text text_of(const std::string& text) { return {text.data(), text.size()}; }

/// What a callback was given; after `stop_after` pieces it stops.
struct Pieces {
  std::vector<std::string> all = {};
  std::size_t stop_after = 1'000'000;

  std::string joined() const {
    std::string text;
    for (const std::string& piece : all) text += piece;
    return text;
  }
  static std::int32_t add(void* context, eigenformer_text piece) {
    auto* pieces = static_cast<Pieces*>(context);
    pieces->all.push_back(string_of(piece));
    return pieces->all.size() < pieces->stop_after ? EIGENFORMER_CONTINUE : EIGENFORMER_STOP;
  }
};

}  // namespace eigenformer_tests
