#pragma once

#include <algorithm>

#include "eigenformer/chat/template/parser.hpp"

namespace eigenformer::inline EIGENFORMER_ABI {
namespace chat {
namespace templating {

EIGENFORMER_INLINE Expression Parser::node(ExpressionKind kind) const {
  Expression made;
  made.kind = kind;
  made.line = current().line;
  return made;
}

EIGENFORMER_INLINE Expression Parser::joined(ExpressionKind kind, Expression first) const {
  Expression made = node(kind);
  made.line = first.line;
  made.children.push_back(std::move(first));
  return made;
}

EIGENFORMER_INLINE bool Parser::at_tuple_end(const TupleOptions& options) const {
  return current().kind == TokenKind::variable_end || current().kind == TokenKind::block_end || current().is_op(")") ||
         (options.until_recursive && current().is_name("recursive"));
}

/// One expression, or several with commas between.
EIGENFORMER_INLINE Expression Parser::tuple(const TupleOptions& options) {
  Expression items = node(ExpressionKind::tuple);
  bool is_tuple = false;
  while (!at_tuple_end(options)) {
    items.children.push_back(options.conditional ? expression() : operation(Binding::either));
    if (!skip_op(",")) break;
    is_tuple = true;
  }
  if (!is_tuple && items.children.size() == 1) {
    Expression only = std::move(items.children[0]);
    return only;
  }
  if (items.children.empty() && !options.parenthesized) place().fail_syntax("an expression", describe(current()));
  return items;
}

EIGENFORMER_INLINE Expression Parser::expression() {
  const Nested nested(*this);
  Expression value = operation(Binding::either);
  while (skip_name("if")) {
    Expression conditional = joined(ExpressionKind::conditional, std::move(value));
    const Nested deeper(*this);
    conditional.children.push_back(operation(Binding::either));
    if (skip_name("else")) conditional.children.push_back(expression());
    value = std::move(conditional);
    if (current().is_name("if")) place().fail_unsupported("an 'if' behind an 'if' without 'else'");
  }
  return value;
}

/// The operator that the current token begins, if it binds at least as tightly as `level`.
EIGENFORMER_INLINE std::optional<Parser::Infix> Parser::infix(Binding level) const {
  struct Row {
    std::string_view symbol;
    Infix infix;
  };
  static constexpr Row k_words[] = {{"or", {Binding::either, ExpressionKind::either, Operator::add}},
                                    {"and", {Binding::both, ExpressionKind::both, Operator::add}},
                                    {"in", {Binding::comparison, ExpressionKind::comparison, Operator::in}}};
  static constexpr Row k_symbols[] = {
      {"==", {Binding::comparison, ExpressionKind::comparison, Operator::equal}},
      {"!=", {Binding::comparison, ExpressionKind::comparison, Operator::not_equal}},
      {"<", {Binding::comparison, ExpressionKind::comparison, Operator::less}},
      {"<=", {Binding::comparison, ExpressionKind::comparison, Operator::less_equal}},
      {">", {Binding::comparison, ExpressionKind::comparison, Operator::greater}},
      {">=", {Binding::comparison, ExpressionKind::comparison, Operator::greater_equal}},
      {"+", {Binding::sum, ExpressionKind::arithmetic, Operator::add}},
      {"-", {Binding::sum, ExpressionKind::arithmetic, Operator::subtract}},
      {"~", {Binding::concatenation, ExpressionKind::concatenation, Operator::add}},
      {"*", {Binding::product, ExpressionKind::arithmetic, Operator::multiply}},
      {"/", {Binding::product, ExpressionKind::arithmetic, Operator::divide}},
      {"//", {Binding::product, ExpressionKind::arithmetic, Operator::floor_divide}},
      {"%", {Binding::product, ExpressionKind::arithmetic, Operator::modulo}},
      {"**", {Binding::power, ExpressionKind::arithmetic, Operator::power}}};
  std::optional<Infix> found;
  if (current().kind == TokenKind::name) {
    for (const Row& row : k_words) {
      if (current().text == row.symbol) found = row.infix;
    }
    if (current().text == "not" && look().is_name("in")) {
      found = Infix{Binding::comparison, ExpressionKind::comparison, Operator::not_in};
    }
  } else if (current().kind == TokenKind::op) {
    for (const Row& row : k_symbols) {
      if (current().text == row.symbol) found = row.infix;
    }
  }
  return found && found->binding >= level ? found : std::nullopt;
}

/// Operands and the operators between them that bind at least as tightly as `level`. Operators of one level make one
/// node, from left to right.
EIGENFORMER_INLINE Expression Parser::operation(Binding level) {
  Expression value = level <= Binding::negation && current().is_name("not") ? negation() : unary(true);
  for (auto first = infix(level); first; first = infix(level)) {
    value = joined(first->kind, std::move(value));
    for (auto op = first; op && op->binding == first->binding; op = infix(first->binding)) {
      if (op->op == Operator::not_in) next();
      next();
      value.operators.push_back(op->op);
      value.children.push_back(operation(static_cast<Binding>(static_cast<int>(op->binding) + 1)));
    }
  }
  return value;
}

EIGENFORMER_INLINE Expression Parser::negation() {
  const Nested nested(*this);
  Expression negated = node(ExpressionKind::negation);
  next();
  negated.children.push_back(operation(Binding::negation));
  return negated;
}

EIGENFORMER_INLINE Expression Parser::unary(bool with_filters) {
  Expression value;
  if (current().is_op("-") || current().is_op("+")) {
    const Nested nested(*this);
    value = node(current().is_op("-") ? ExpressionKind::minus : ExpressionKind::plus);
    next();
    value.children.push_back(unary(false));
  } else {
    value = primary();
  }
  Expression chain = node(ExpressionKind::chain);
  postfix(chain);
  if (with_filters) filters_and_tests(chain);
  if (chain.steps.empty()) return value;
  chain.line = value.line;
  chain.children.push_back(std::move(value));
  return chain;
}

EIGENFORMER_INLINE Expression Parser::primary() {
  Expression value = node(ExpressionKind::constant);
  if (skip_op("(")) {
    const Nested nested(*this);
    value = tuple({.parenthesized = true});
    expect_op(")");
    return value;
  }
  if (current().is_op("[")) return list_literal();
  if (current().is_op("{")) return dict_literal();
  const Token token = next();
  switch (token.kind) {
    case TokenKind::name:
      if (token.text == "true" || token.text == "True") {
        value.constant = Value::boolean(true);
      } else if (token.text == "false" || token.text == "False") {
        value.constant = Value::boolean(false);
      } else if (token.text != "none" && token.text != "None") {
        value.kind = ExpressionKind::name;
        value.name = token.text;
      }
      return value;
    case TokenKind::text: {
      std::string text = token.text;
      while (current().kind == TokenKind::text) text += next().text;
      value.constant = Value::text(std::move(text));
      return value;
    }
    case TokenKind::integer: value.constant = Value::integer(token.integer); return value;
    case TokenKind::number: value.constant = Value::number(token.number); return value;
    default: SourcePlace{where_, token.line}.fail_syntax("an expression", describe(token));
  }
}

EIGENFORMER_INLINE Expression Parser::list_literal() {
  const Nested nested(*this);
  Expression list = node(ExpressionKind::list);
  expect_op("[");
  while (!current().is_op("]")) {
    list.children.push_back(expression());
    if (!current().is_op("]")) expect_op(",");
  }
  next();
  return list;
}

EIGENFORMER_INLINE Expression Parser::dict_literal() {
  const Nested nested(*this);
  Expression dict = node(ExpressionKind::dict);
  expect_op("{");
  while (!current().is_op("}")) {
    dict.children.push_back(expression());
    expect_op(":");
    dict.children.push_back(expression());
    if (!current().is_op("}")) expect_op(",");
  }
  next();
  return dict;
}

}  // namespace templating
}  // namespace chat
}  // namespace eigenformer::inline EIGENFORMER_ABI
