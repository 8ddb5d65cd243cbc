#pragma once

#include "eigenformer/chat/template/compiler.hpp"
#include "eigenformer/chat/template/lexer.hpp"
#include "eigenformer/chat/template/machine.hpp"
#include "eigenformer/chat/template/parser.hpp"
#include "eigenformer/chat/template/program.hpp"
#include "eigenformer/chat/template/template.hpp"

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
