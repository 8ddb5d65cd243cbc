#pragma once

#include "eigenformer/chat/template/place.hpp"
#include "eigenformer/error.hpp"

namespace eigenformer::inline EIGENFORMER_ABI {
namespace chat {
namespace templating {

EIGENFORMER_INLINE std::string SourcePlace::text() const {
  return std::string(where) + (line > 0 ? ", line " + std::to_string(line) : "");
}

EIGENFORMER_INLINE void SourcePlace::fail_syntax(std::string expected, std::string found) const {
  throw ChatError({.id = "chat.template_syntax",
                   .expected = std::move(expected),
                   .found = std::move(found),
                   .where = text(),
                   .remedy = "correct the template, or pass another one"});
}

EIGENFORMER_INLINE void SourcePlace::fail_unsupported(std::string construct) const {
  throw ChatError({.id = "chat.template_unsupported",
                   .expected = "Jinja that this interpreter knows",
                   .found = std::move(construct),
                   .where = text(),
                   .remedy = "pass a template that does without it"});
}

EIGENFORMER_INLINE void SourcePlace::fail_budget(std::string expected, std::string found) const {
  throw ChatError({.id = "chat.template_budget",
                   .expected = std::move(expected),
                   .found = std::move(found),
                   .where = text(),
                   .remedy = "pass less, or raise the limits if you trust the template"});
}

EIGENFORMER_INLINE void SourcePlace::fail_depth(std::size_t limit) const {
  fail_budget("nesting of at most " + std::to_string(limit) + " levels", "deeper nesting");
}

EIGENFORMER_INLINE void SourcePlace::fail_type(std::string expected, std::string found) const {
  throw ChatError({.id = "chat.template_type",
                   .expected = std::move(expected),
                   .found = std::move(found),
                   .where = text(),
                   .remedy = "look at the messages and variables that the template is given"});
}

EIGENFORMER_INLINE void SourcePlace::fail_value(std::string expected, std::string found) const {
  throw ChatError({.id = "chat.template_value",
                   .expected = std::move(expected),
                   .found = std::move(found),
                   .where = text(),
                   .remedy = "look at the messages and variables that the template is given"});
}

EIGENFORMER_INLINE void SourcePlace::fail_undefined(const std::string& message) const {
  throw ChatError({.id = "chat.template_undefined",
                   .expected = "a value",
                   .found = "that " + message,
                   .where = text(),
                   .remedy = "pass what the template needs, or change the template"});
}

EIGENFORMER_INLINE void SourcePlace::fail_unsafe(const std::string& message) const {
  throw ChatError({.id = "chat.template_unsafe",
                   .expected = "attributes that a template may use",
                   .found = message,
                   .where = text(),
                   .remedy = "templates can change neither lists nor objects; pass another template"});
}

EIGENFORMER_INLINE void SourcePlace::fail_raised(const std::string& message) const {
  throw ChatError({.id = "chat.template_raised",
                   .expected = "messages that the model's template accepts",
                   .found = "that it refuses them: " + message,
                   .where = text(),
                   .remedy = "change the messages as the template asks"});
}

EIGENFORMER_INLINE void SourcePlace::fail_clock() const {
  throw ChatError({.id = "chat.template_clock",
                   .expected = "the date from the host, as the template calls strftime_now",
                   .found = "none",
                   .where = text(),
                   .remedy = "pass the present date and time with the messages"});
}

}  // namespace templating
}  // namespace chat
}  // namespace eigenformer::inline EIGENFORMER_ABI
