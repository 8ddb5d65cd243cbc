// Every body of chat/template. The parts need one another's declarations, so their bodies come all at once and last:
// in the header-only build, too, nothing but template.hpp includes them.
#pragma once

#include "eigenformer/chat/template/access-inl.hpp"
#include "eigenformer/chat/template/arguments-inl.hpp"
#include "eigenformer/chat/template/compare-inl.hpp"
#include "eigenformer/chat/template/compiler-inl.hpp"
#include "eigenformer/chat/template/compiler_checks-inl.hpp"
#include "eigenformer/chat/template/compiler_expressions-inl.hpp"
#include "eigenformer/chat/template/compiler_loops-inl.hpp"
#include "eigenformer/chat/template/date-inl.hpp"
#include "eigenformer/chat/template/filters-inl.hpp"
#include "eigenformer/chat/template/filters_list-inl.hpp"
#include "eigenformer/chat/template/filters_select-inl.hpp"
#include "eigenformer/chat/template/filters_text-inl.hpp"
#include "eigenformer/chat/template/filters_value-inl.hpp"
#include "eigenformer/chat/template/format-inl.hpp"
#include "eigenformer/chat/template/format_braces-inl.hpp"
#include "eigenformer/chat/template/format_percent-inl.hpp"
#include "eigenformer/chat/template/functions-inl.hpp"
#include "eigenformer/chat/template/iterate-inl.hpp"
#include "eigenformer/chat/template/lexer-inl.hpp"
#include "eigenformer/chat/template/literals-inl.hpp"
#include "eigenformer/chat/template/machine-inl.hpp"
#include "eigenformer/chat/template/machine_calls-inl.hpp"
#include "eigenformer/chat/template/machine_values-inl.hpp"
#include "eigenformer/chat/template/methods-inl.hpp"
#include "eigenformer/chat/template/methods_container-inl.hpp"
#include "eigenformer/chat/template/methods_text-inl.hpp"
#include "eigenformer/chat/template/numbers-inl.hpp"
#include "eigenformer/chat/template/objects-inl.hpp"
#include "eigenformer/chat/template/operators-inl.hpp"
#include "eigenformer/chat/template/parser-inl.hpp"
#include "eigenformer/chat/template/parser_expressions-inl.hpp"
#include "eigenformer/chat/template/parser_steps-inl.hpp"
#include "eigenformer/chat/template/paths-inl.hpp"
#include "eigenformer/chat/template/place-inl.hpp"
#include "eigenformer/chat/template/print-inl.hpp"
#include "eigenformer/chat/template/print_json-inl.hpp"
#include "eigenformer/chat/template/runtime-inl.hpp"
#include "eigenformer/chat/template/scope-inl.hpp"
#include "eigenformer/chat/template/template.hpp"
#include "eigenformer/chat/template/tests-inl.hpp"
#include "eigenformer/chat/template/text-inl.hpp"
#include "eigenformer/chat/template/text_case-inl.hpp"
#include "eigenformer/chat/template/text_operations-inl.hpp"
#include "eigenformer/chat/template/unicode-inl.hpp"
#include "eigenformer/chat/template/value-inl.hpp"

namespace eigenformer::inline EIGENFORMER_ABI {
namespace chat {

EIGENFORMER_INLINE Template Template::compile(std::string_view source, std::string_view where,
                                              const TemplateLimits& limits) {
  if (source.size() > limits.source_bytes) {
    templating::SourcePlace{where}.fail_budget(
        "a template of at most " + std::to_string(limits.source_bytes) + " bytes",
        "one of " + std::to_string(source.size()) + " bytes");
  }
  auto tokens = templating::tokenize_template(source, where);
  const templating::Block block = templating::Parser(std::move(tokens), where, limits.depth).parse();
  templating::Compiler compiler(where, limits);
  return Template(std::make_shared<const templating::Program>(compiler.compile(block)));
}

EIGENFORMER_INLINE RenderedTemplate Template::render(const Value& variables, const RenderOptions& options) const {
  templating::Runtime runtime(program_->limits, program_->where, options.now);
  Text text = templating::Machine(*program_, variables, runtime).run();
  return {std::move(text.bytes), std::move(text.content)};
}

}  // namespace chat
}  // namespace eigenformer::inline EIGENFORMER_ABI
