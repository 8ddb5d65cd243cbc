// From the syntax tree to instructions.
#pragma once

#include <deque>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "eigenformer/chat/template/lexer.hpp"
#include "eigenformer/chat/template/program.hpp"
#include "eigenformer/chat/template/scope.hpp"
#include "eigenformer/chat/template/syntax.hpp"

namespace eigenformer::inline EIGENFORMER_ABI {
namespace chat {
namespace templating {

class Compiler {
 public:
  Compiler(std::string_view where, const TemplateLimits& limits);
  Program compile(const Block& block);

 private:
  /// A loop whose body is being written.
  struct OpenLoop {
    std::size_t next = 0;                  // the instruction that continue jumps to
    std::vector<std::size_t> breaks = {};  // jumps that go to the end
    std::size_t buffers = 0;               // that were opened inside
  };
  /// A function that is being written.
  struct Builder {
    std::uint32_t index = 0;
    int depth = 0;
    std::size_t slots = 0;
    std::vector<OpenLoop> loops = {};
    std::vector<Instruction> code = {};
  };

  // Statements
  void block(const Block& block, Scope& scope);
  void statement(const Statement& statement, Scope& scope);
  void output(const Statement& statement, Scope& scope);
  void assign(const Statement& statement, Scope& scope);
  void assign_block(const Statement& statement, Scope& scope);
  void branch(const Statement& statement, Scope& scope);
  void macro(const Statement& statement, Scope& scope);
  void call_block(const Statement& statement, Scope& scope);
  void filter_block(const Statement& statement, Scope& scope);
  void with_block(const Statement& statement, Scope& scope);
  void inner_scope(const Statement& statement, Scope& scope);
  void jump_statement(const Statement& statement, Scope& scope);
  std::uint32_t macro_function(const Statement& statement, const Scope& scope);
  void parameters(const Statement& statement, Scope& scope, Function& function);

  // Loops
  void loop(const Statement& statement, Scope& scope);
  void recursive_loop(const Statement& statement, Scope& scope);
  void passes(const Statement& statement, const Scope& outer, std::uint32_t test);
  std::uint32_t loop_test(const Statement& statement, const Scope& outer);
  static void refuse_loop_target(const Statement& statement, const SourcePlace& place);

  // Variables
  void enter(const Scope& scope);
  void load(const std::string& name, const Scope& scope);
  void store(const Expression& target, const Scope& scope);

  // Expressions
  void expression(const Expression& expression, const Scope& scope);
  void name(const Expression& expression, const Scope& scope);
  void items(const Expression& expression, const Scope& scope);
  void conditional(const Expression& expression, const Scope& scope);
  void logic(const Expression& expression, const Scope& scope);
  void comparison(const Expression& expression, const Scope& scope);
  void arithmetic(const Expression& expression, const Scope& scope);
  void one_operand(const Expression& expression, const Scope& scope);
  void chain(const Expression& expression, const Scope& scope);
  void steps(const Expression& expression, const Scope& scope);
  void step(const Step& step, const Scope& scope);
  std::uint32_t arguments(const CallArguments& arguments, const Scope& scope);

  // Checks of names that are known when the template is compiled
  void collect_names(const Block& block);
  void collect_names(const Expression& expression);
  void collect_names(const CallArguments& arguments);
  void check_call(const Expression& chain, std::size_t index, const Scope& scope) const;
  void check_named_filter(const Step& step) const;

  Builder& builder() { return builders_.back(); }
  std::size_t emit(Instruction instruction);
  std::size_t here() { return builder().code.size(); }
  void land(std::size_t jump);
  std::uint32_t constant(const Value& value);
  std::uint32_t constant(const std::string& text);
  void begin_function(int depth);
  std::uint32_t end_function(Function function);
  void mark_outliving() { outliving_.insert(builder().index); }
  SourcePlace place() const { return {program_.where, line_}; }

  Program program_;
  std::deque<Builder> builders_;  // the function that is being written, and those around it; they must not move
  std::map<std::string, std::uint32_t, std::less<>> texts_;
  std::set<std::uint32_t> outliving_;
  std::set<std::string> given_names_;  // attributes that the template itself may have put a function behind
  int line_ = 1;
};

}  // namespace templating
}  // namespace chat
}  // namespace eigenformer::inline EIGENFORMER_ABI
