#pragma once

#include <algorithm>

#include "eigenformer/chat/template/scope.hpp"

namespace eigenformer::inline EIGENFORMER_ABI {
namespace chat {
namespace templating {
namespace scope_detail {

bool mentions(const Expression& expression, std::string_view name);

EIGENFORMER_INLINE bool mentions_any(const std::vector<Expression>& expressions, std::string_view name) {
  return std::ranges::any_of(expressions, [&](const Expression& item) { return mentions(item, name); });
}

EIGENFORMER_INLINE bool mentions(const CallArguments& arguments, std::string_view name) {
  const auto in_keyword = [&](const auto& keyword) { return mentions(keyword.second, name); };
  return mentions_any(arguments.positional, name) || std::ranges::any_of(arguments.keywords, in_keyword) ||
         mentions_any(arguments.star, name) || mentions_any(arguments.double_star, name);
}

EIGENFORMER_INLINE bool mentions(const Expression& expression, std::string_view name) {
  const bool names = expression.kind == ExpressionKind::name || expression.kind == ExpressionKind::attribute;
  return (names && expression.name == name) || mentions_any(expression.children, name) ||
         std::ranges::any_of(expression.steps, [&](const Step& step) {
           return mentions_any(step.operands, name) || mentions(step.arguments, name);
         });
}

}  // namespace scope_detail

EIGENFORMER_INLINE bool mentions(const Block& block, std::string_view name) {
  return std::ranges::any_of(block, [&](const Statement& statement) {
    return scope_detail::mentions_any(statement.expressions, name) ||
           std::ranges::any_of(statement.parameters,
                               [&](const Parameter& parameter) {
                                 return parameter.fallback && scope_detail::mentions(*parameter.fallback, name);
                               }) ||
           std::ranges::any_of(statement.blocks, [&](const Block& inner) { return mentions(inner, name); });
  });
}

EIGENFORMER_INLINE Symbol& Scope::define(const std::string& name, Origin origin) {
  Symbol& symbol = symbols_[name];
  symbol.slot = static_cast<std::uint32_t>((*slots_)++);
  symbol.origin = origin;
  return symbol;
}

EIGENFORMER_INLINE std::uint32_t Scope::declare(const std::string& name) {
  Symbol& symbol = define(name, Origin::parameter);
  if (!symbol.stored) stored_.push_back(name);
  symbol.stored = true;
  return symbol.slot;
}

EIGENFORMER_INLINE void Scope::load(const std::string& name) {
  if (!find(name)) define(name, Origin::variable);
}

EIGENFORMER_INLINE void Scope::store(const std::string& name) {
  auto found = symbols_.find(name);
  if (found == symbols_.end()) {
    const auto outer = parent_ != nullptr ? parent_->find(name) : std::nullopt;
    define(name, outer ? Origin::alias : Origin::nothing);
    found = symbols_.find(name);
    if (outer) found->second.alias = *outer;
  }
  if (!found->second.stored) stored_.push_back(name);
  found->second.stored = true;
}

EIGENFORMER_INLINE void Scope::store_targets(const Expression& target) {
  if (target.kind == ExpressionKind::name) store(target.name);
  if (target.kind == ExpressionKind::attribute) load(target.name);
  for (const Expression& child : target.children) store_targets(child);
}

EIGENFORMER_INLINE void Scope::declare_targets(const Expression& target) {
  if (target.kind == ExpressionKind::name) declare(target.name);
  for (const Expression& child : target.children) declare_targets(child);
}

EIGENFORMER_INLINE void Scope::load_names(const CallArguments& arguments) {
  for (const Expression& value : arguments.positional) load_names(value);
  for (const auto& keyword : arguments.keywords) load_names(keyword.second);
  for (const Expression& value : arguments.star) load_names(value);
  for (const Expression& value : arguments.double_star) load_names(value);
}

EIGENFORMER_INLINE void Scope::load_names(const Expression& expression) {
  if (expression.kind == ExpressionKind::name) load(expression.name);
  for (const Expression& child : expression.children) load_names(child);
  for (const Step& step : expression.steps) {
    for (const Expression& operand : step.operands) load_names(operand);
    load_names(step.arguments);
  }
}

EIGENFORMER_INLINE void Scope::use(const Block& block) {
  for (const Statement& statement : block) use(statement);
}

EIGENFORMER_INLINE void Scope::use(const Statement& statement) {
  const auto& expressions = statement.expressions;
  switch (statement.kind) {
    case StatementKind::output:
    case StatementKind::call:
    case StatementKind::filter:
    case StatementKind::with:
      for (const Expression& expression : expressions) load_names(expression);
      return;
    case StatementKind::assign: load_names(expressions[0]); return store_targets(statement.targets[0]);
    case StatementKind::assign_block: return store_targets(statement.targets[0]);
    case StatementKind::loop: return load_names(expressions[0]);
    case StatementKind::branch: return use_branches(statement);
    case StatementKind::macro: return store(statement.text);
    default: return;
  }
}

/// What only some branches set has the value from outside where another branch was taken.
EIGENFORMER_INLINE void Scope::use_branches(const Statement& statement) {
  const std::size_t before = stored_.size();
  for (std::size_t i = 0; i < statement.blocks.size(); ++i) {
    if (i < statement.expressions.size()) load_names(statement.expressions[i]);
    use(statement.blocks[i]);
  }
  for (std::size_t i = before; i < stored_.size(); ++i) {
    Symbol& symbol = symbols_.at(stored_[i]);
    const auto outer = parent_ != nullptr ? parent_->find(stored_[i]) : std::nullopt;
    symbol.origin = outer ? Origin::alias : Origin::variable;
    if (outer) symbol.alias = *outer;
  }
}

EIGENFORMER_INLINE std::optional<Place> Scope::find(const std::string& name) const {
  for (const Scope* scope = this; scope != nullptr; scope = scope->parent_) {
    const auto found = scope->symbols_.find(name);
    if (found != scope->symbols_.end()) return Place{scope->depth_, found->second.slot};
  }
  return std::nullopt;
}

EIGENFORMER_INLINE bool Scope::is_assigned(const std::string& name) const {
  for (const Scope* scope = this; scope != nullptr; scope = scope->parent_) {
    const auto found = scope->symbols_.find(name);
    if (found != scope->symbols_.end() && found->second.stored) return true;
  }
  return false;
}

}  // namespace templating
}  // namespace chat
}  // namespace eigenformer::inline EIGENFORMER_ABI
