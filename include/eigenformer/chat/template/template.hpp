// The chat template of a model: Jinja as Hugging Face runs it, by an interpreter that reaches nothing but the values it
// is given. It opens no file, reads no clock, and every budget it can use up is bounded.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "eigenformer/chat/template/date.hpp"
#include "eigenformer/chat/template/limits.hpp"
#include "eigenformer/chat/template/value.hpp"
#include "eigenformer/core/config.hpp"

namespace eigenformer::inline EIGENFORMER_ABI {
namespace chat {

/// A prompt, and which of its bytes were written by others: there, special tokens are to be read as plain text.
struct RenderedTemplate {
  std::string text;
  std::vector<ByteSpan> content_spans;  ///< sorted, disjoint, none empty
};

struct RenderOptions {
  /// What strftime_now says. Without it the name strftime_now is undefined, so that templates which ask for it by
  /// "is defined" take their own way out; a call of it is ChatError "chat.template_clock".
  std::optional<DateTime> now = std::nullopt;
};

namespace templating {
struct Program;
}

/// A compiled template: immutable, cheap to copy, and one may be rendered by several threads at a time.
///
/// It does what jinja2's ImmutableSandboxedEnvironment does with trim_blocks, lstrip_blocks, loop controls, the tag
/// `generation`, and the functions raise_exception, strftime_now, namespace and dict and the filter tojson of
/// transformers' chat_template_utils.py.
class Template {
 public:
  /// Compiles `source`, with `where` for its name in errors. Throws ChatError "chat.template_syntax" for what is no
  /// Jinja, "chat.template_unsupported" for a tag, filter, test, function or method that the interpreter does not know,
  /// and "chat.template_budget" for nesting or size past the limits; each names line and construct.
  static Template compile(std::string_view source, std::string_view where, const TemplateLimits& limits = {});

  /// Fills in `variables` (an object). Throws ChatError with the line: "chat.template_raised" for raise_exception,
  /// "chat.template_undefined", "chat.template_type", "chat.template_value" and "chat.template_unsafe" where a value
  /// does not do what the template asks of it, "chat.template_clock", "chat.template_budget".
  RenderedTemplate render(const Value& variables, const RenderOptions& options = {}) const;

 private:
  explicit Template(std::shared_ptr<const templating::Program> program) : program_(std::move(program)) {}
  std::shared_ptr<const templating::Program> program_;
};

}  // namespace chat
}  // namespace eigenformer::inline EIGENFORMER_ABI

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/chat/template/template-inl.hpp"
#endif
