// From tokens to the syntax tree. The grammar is that of Jinja 3.1
// (https://jinja.palletsprojects.com/en/3.1.x/templates/).
#pragma once

#include <algorithm>
#include <initializer_list>
#include <optional>
#include <string_view>
#include <vector>

#include "eigenformer/chat/template/lexer.hpp"
#include "eigenformer/chat/template/syntax.hpp"

namespace eigenformer::inline EIGENFORMER_ABI {
namespace chat {
namespace templating {

/// Reads one template. Recursion is as deep as the nesting of the template, at most `depth`.
class Parser {
 public:
  Parser(std::vector<Token> tokens, std::string_view where, std::size_t depth)
      : tokens_(std::move(tokens)), where_(where), depth_limit_(depth) {}

  Block parse();

 private:
  /// One more level of nesting for as long as it lives.
  class Nested {
   public:
    explicit Nested(Parser& parser) : parser_(parser) {
      if (++parser_.depth_ > parser_.depth_limit_) parser_.place().fail_depth(parser_.depth_limit_);
    }
    ~Nested() { --parser_.depth_; }
    Nested(const Nested&) = delete;
    Nested& operator=(const Nested&) = delete;

   private:
    Parser& parser_;
  };

  const Token& current() const { return tokens_[at_]; }
  const Token& look() const { return tokens_[std::min(at_ + 1, tokens_.size() - 1)]; }
  Token next() { return tokens_[at_ + 1 < tokens_.size() ? at_++ : at_]; }
  SourcePlace place() const { return {where_, current().line}; }
  bool skip_name(std::string_view name);
  bool skip_op(std::string_view op);
  Token expect_name();
  void expect_word(std::string_view name);
  void expect_op(std::string_view op);
  void expect(TokenKind kind, std::string_view what);

  // Statements
  using Words = std::initializer_list<std::string_view>;
  Block statements(Words ends);
  Block body(Words ends);
  bool at_any(Words words) const;
  Statement statement();
  Statement set_statement();
  Statement for_statement();
  Statement if_statement();
  Statement macro_statement();
  Statement call_statement();
  Statement filter_statement();
  Statement with_statement();
  Statement print_statement();
  Statement generation_statement();
  Statement jump_statement();
  std::vector<Parameter> signature();

  // Targets of assignments
  struct TargetOptions {
    bool with_attributes = false;  // name.attribute, of namespaces
    bool until_in = false;         // a tuple ends before `in`
  };
  Expression target(const TargetOptions& options);
  Expression simple_target(const TargetOptions& options);

  // Expressions, from the loosest to the tightest
  struct TupleOptions {
    bool conditional = true;     // `a if b` may stand in it
    bool parenthesized = false;  // an empty tuple is one
    bool until_recursive = false;
  };
  Expression tuple(const TupleOptions& options);
  bool at_tuple_end(const TupleOptions& options) const;
  Expression expression();
  /// How tightly operators bind, from the loosest.
  enum class Binding { either, both, negation, comparison, sum, concatenation, product, power, operand };
  struct Infix {
    Binding binding;
    ExpressionKind kind;
    Operator op;
  };
  std::optional<Infix> infix(Binding level) const;
  Expression operation(Binding level);
  Expression negation();
  Expression unary(bool with_filters);
  Expression primary();
  Expression list_literal();
  Expression dict_literal();
  void postfix(Expression& chain);
  void filters_and_tests(Expression& chain);
  Step subscript();
  void subscribed(Step& step);
  Step call_step();
  Step filter_step();
  Step test_step();
  CallArguments call_arguments();
  Expression node(ExpressionKind kind) const;
  Expression joined(ExpressionKind kind, Expression first) const;

  std::vector<Token> tokens_;
  std::string_view where_;
  std::size_t depth_limit_;
  std::size_t depth_ = 0;
  std::size_t at_ = 0;
};

}  // namespace templating
}  // namespace chat
}  // namespace eigenformer::inline EIGENFORMER_ABI
