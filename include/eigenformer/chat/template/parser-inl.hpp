#pragma once

#include <algorithm>

#include "eigenformer/chat/template/parser.hpp"

namespace eigenformer::inline EIGENFORMER_ABI {
namespace chat {
namespace templating {

EIGENFORMER_INLINE bool Parser::skip_name(std::string_view name) {
  if (!current().is_name(name)) return false;
  next();
  return true;
}

EIGENFORMER_INLINE bool Parser::skip_op(std::string_view op) {
  if (!current().is_op(op)) return false;
  next();
  return true;
}

EIGENFORMER_INLINE Token Parser::expect_name() {
  if (current().kind != TokenKind::name) place().fail_syntax("a name", describe(current()));
  return next();
}

EIGENFORMER_INLINE void Parser::expect_word(std::string_view name) {
  if (!skip_name(name)) place().fail_syntax("'" + std::string(name) + "'", describe(current()));
}

EIGENFORMER_INLINE void Parser::expect_op(std::string_view op) {
  if (!skip_op(op)) place().fail_syntax("'" + std::string(op) + "'", describe(current()));
}

EIGENFORMER_INLINE void Parser::expect(TokenKind kind, std::string_view what) {
  if (current().kind != kind) place().fail_syntax(std::string(what), describe(current()));
  next();
}

EIGENFORMER_INLINE Block Parser::parse() { return statements({}); }

EIGENFORMER_INLINE bool Parser::at_any(Words words) const {
  return std::ranges::any_of(words, [&](std::string_view word) { return current().is_name(word); });
}

/// Statements up to a tag of `ends`, whose word is the current token then; up to the end of the template without ends.
EIGENFORMER_INLINE Block Parser::statements(Words ends) {
  const Nested nested(*this);
  Block block;
  while (current().kind != TokenKind::end) {
    const int line = current().line;
    if (current().kind == TokenKind::data) {
      block.push_back({.kind = StatementKind::data, .line = line, .text = next().text});
    } else if (current().kind == TokenKind::variable_begin) {
      next();
      block.push_back({.kind = StatementKind::output, .line = line});
      block.back().expressions.push_back(tuple({}));
      expect(TokenKind::variable_end, "'}}'");
    } else {
      expect(TokenKind::block_begin, "a tag");
      if (at_any(ends)) return block;
      block.push_back(statement());
      expect(TokenKind::block_end, "'%}'");
    }
  }
  if (ends.size() > 0) {
    std::string words;
    for (const std::string_view end : ends) words += (words.empty() ? "'" : " or '") + std::string(end) + "'";
    place().fail_syntax("the tag " + words, "the end of the template");
  }
  return block;
}

/// The same, after the end of the tag that opens the block.
EIGENFORMER_INLINE Block Parser::body(Words ends) {
  skip_op(":");
  expect(TokenKind::block_end, "'%}'");
  return statements(ends);
}

EIGENFORMER_INLINE Statement Parser::statement() {
  if (current().kind != TokenKind::name) place().fail_syntax("the name of a tag", describe(current()));
  const std::string& tag = current().text;
  struct Tag {
    std::string_view name;
    Statement (Parser::*parse)();
  };
  static constexpr Tag k_tags[] = {{"for", &Parser::for_statement},
                                   {"if", &Parser::if_statement},
                                   {"set", &Parser::set_statement},
                                   {"macro", &Parser::macro_statement},
                                   {"call", &Parser::call_statement},
                                   {"filter", &Parser::filter_statement},
                                   {"with", &Parser::with_statement},
                                   {"print", &Parser::print_statement},
                                   {"break", &Parser::jump_statement},
                                   {"continue", &Parser::jump_statement},
                                   {"generation", &Parser::generation_statement}};
  for (const Tag& known : k_tags) {
    if (tag == known.name) return (this->*known.parse)();
  }
  static constexpr std::string_view k_closing[] = {"endfor",    "endif",         "else",    "elif",
                                                   "endset",    "endmacro",      "endcall", "endwith",
                                                   "endfilter", "endgeneration", "endraw"};
  if (std::ranges::find(k_closing, tag) != std::end(k_closing)) {
    place().fail_syntax("a tag that fits the blocks around it", "'" + tag + "', which closes none of them");
  }
  place().fail_unsupported("the tag '" + tag + "'");
}

EIGENFORMER_INLINE Statement Parser::set_statement() {
  Statement set{.kind = StatementKind::assign, .line = next().line};
  set.targets.push_back(target({.with_attributes = true}));
  if (skip_op("=")) {
    set.expressions.push_back(tuple({}));
    return set;
  }
  set.kind = StatementKind::assign_block;
  if (current().is_op("|")) {
    Expression filters = node(ExpressionKind::chain);
    while (skip_op("|")) filters.steps.push_back(filter_step());
    set.expressions.push_back(std::move(filters));
  }
  set.blocks.push_back(body({"endset"}));
  next();
  return set;
}

EIGENFORMER_INLINE Statement Parser::for_statement() {
  Statement loop{.kind = StatementKind::loop, .line = next().line};
  loop.targets.push_back(target({.until_in = true}));
  expect_word("in");
  loop.expressions.push_back(tuple({.conditional = false, .until_recursive = true}));
  if (skip_name("if")) loop.expressions.push_back(expression());
  loop.recursive = skip_name("recursive");
  loop.blocks.push_back(body({"endfor", "else"}));
  if (next().text == "else") {
    loop.blocks.push_back(body({"endfor"}));
    next();
  }
  return loop;
}

EIGENFORMER_INLINE Statement Parser::if_statement() {
  Statement branch{.kind = StatementKind::branch, .line = next().line};
  while (true) {
    branch.expressions.push_back(tuple({.conditional = false}));
    branch.blocks.push_back(body({"elif", "else", "endif"}));
    const std::string word = next().text;
    if (word == "elif") continue;
    if (word == "else") {
      branch.blocks.push_back(body({"endif"}));
      next();
    }
    return branch;
  }
}

EIGENFORMER_INLINE std::vector<Parameter> Parser::signature() {
  std::vector<Parameter> parameters;
  expect_op("(");
  while (!current().is_op(")")) {
    if (!parameters.empty()) expect_op(",");
    Parameter parameter{expect_name().text, std::nullopt};
    if (skip_op("=")) {
      parameter.fallback = expression();
    } else if (!parameters.empty() && parameters.back().fallback) {
      place().fail_syntax("a default value, as the parameter before has one", describe(current()));
    }
    for (const Parameter& other : parameters) {
      if (other.name == parameter.name)
        place().fail_syntax("parameters of different names", "'" + other.name + "' twice");
    }
    parameters.push_back(std::move(parameter));
  }
  next();
  return parameters;
}

EIGENFORMER_INLINE Statement Parser::macro_statement() {
  Statement macro{.kind = StatementKind::macro, .line = next().line, .text = expect_name().text};
  macro.parameters = signature();
  macro.blocks.push_back(body({"endmacro"}));
  next();
  return macro;
}

EIGENFORMER_INLINE Statement Parser::call_statement() {
  Statement call{.kind = StatementKind::call, .line = next().line};
  if (current().is_op("(")) call.parameters = signature();
  call.expressions.push_back(expression());
  const Expression& called = call.expressions[0];
  if (called.kind != ExpressionKind::chain || called.steps.back().kind != StepKind::call) {
    place().fail_syntax("a call of a macro", "another expression");
  }
  call.blocks.push_back(body({"endcall"}));
  next();
  return call;
}

EIGENFORMER_INLINE Statement Parser::filter_statement() {
  Statement filter{.kind = StatementKind::filter, .line = next().line};
  Expression filters = node(ExpressionKind::chain);
  do filters.steps.push_back(filter_step());
  while (skip_op("|"));
  filter.expressions.push_back(std::move(filters));
  filter.blocks.push_back(body({"endfilter"}));
  next();
  return filter;
}

EIGENFORMER_INLINE Statement Parser::with_statement() {
  Statement with{.kind = StatementKind::with, .line = next().line};
  while (current().kind != TokenKind::block_end) {
    if (!with.targets.empty()) expect_op(",");
    with.targets.push_back(target({}));
    expect_op("=");
    with.expressions.push_back(expression());
  }
  with.blocks.push_back(body({"endwith"}));
  next();
  return with;
}

EIGENFORMER_INLINE Statement Parser::print_statement() {
  Statement print{.kind = StatementKind::output, .line = next().line};
  while (current().kind != TokenKind::block_end) {
    if (!print.expressions.empty()) expect_op(",");
    print.expressions.push_back(expression());
  }
  return print;
}

EIGENFORMER_INLINE Statement Parser::generation_statement() {
  Statement scope{.kind = StatementKind::scope, .line = next().line};
  scope.blocks.push_back(body({"endgeneration"}));
  next();
  return scope;
}

EIGENFORMER_INLINE Statement Parser::jump_statement() {
  const Token word = next();
  return {.kind = word.text == "break" ? StatementKind::break_loop : StatementKind::continue_loop, .line = word.line};
}

EIGENFORMER_INLINE Expression Parser::simple_target(const TargetOptions& options) {
  if (current().kind != TokenKind::name && !current().is_op("(")) {
    place().fail_syntax("a name to assign to", describe(current()));
  }
  if (skip_op("(")) {
    const Nested nested(*this);
    Expression inner = target({.with_attributes = options.with_attributes});
    expect_op(")");
    return inner;
  }
  const Token name = next();
  static constexpr std::string_view k_constants[] = {"true", "false", "none", "True", "False", "None"};
  if (std::ranges::find(k_constants, name.text) != std::end(k_constants)) {
    place().fail_syntax("a name to assign to", "the constant '" + name.text + "'");
  }
  Expression target = node(ExpressionKind::name);
  target.line = name.line;
  target.name = name.text;
  if (options.with_attributes && skip_op(".")) {
    target.kind = ExpressionKind::attribute;
    target.constant = Value::text(expect_name().text);
  }
  return target;
}

EIGENFORMER_INLINE Expression Parser::target(const TargetOptions& options) {
  Expression first = simple_target(options);
  if (!current().is_op(",")) return first;
  Expression targets = joined(ExpressionKind::tuple, std::move(first));
  while (skip_op(",")) {
    const bool ends = (options.until_in && current().is_name("in")) || current().is_op("=") || current().is_op(")") ||
                      current().kind == TokenKind::block_end;
    if (ends) break;
    targets.children.push_back(simple_target(options));
  }
  return targets;
}

}  // namespace templating
}  // namespace chat
}  // namespace eigenformer::inline EIGENFORMER_ABI
