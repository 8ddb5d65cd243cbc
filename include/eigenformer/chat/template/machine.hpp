// Runs a compiled template. Calls of macros and recursive loops are frames on the heap: however deep they nest, they
// use no more of the thread's stack.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "eigenformer/chat/template/program.hpp"
#include "eigenformer/chat/template/text.hpp"

namespace eigenformer::inline EIGENFORMER_ABI {
namespace chat {
namespace templating {

/// The variables of one call of a function.
struct Frame {
  std::vector<Value> slots;
  Frame* parent = nullptr;  // of the function around, where it was called from the template's text
  Value argument;           // what a recursive loop walks, or the item that a test looks at
  std::int64_t loop_depth = 0;
};

class Machine {
 public:
  Machine(const Program& program, const Value& variables, Runtime& runtime);
  Machine(const Machine&) = delete;
  Machine& operator=(const Machine&) = delete;

  /// Runs the template from its beginning to its end.
  Text run();

 private:
  struct Call {
    const Function* function = nullptr;
    Frame* frame = nullptr;
    std::size_t next = 0;                           // the instruction to go on with
    std::size_t stack = 0, buffers = 0, loops = 0;  // how many there were when it began
  };
  using Handler = void (Machine::*)(const Instruction&);

  void run_until(std::size_t calls);
  static Handler handler(Code code);
  Frame* make_frame(const Function& function, Frame* parent);
  void begin_call(const Function& function, Frame* frame);
  void end_call();
  bool test_item(const Function& function, Frame* parent, const Value& item);

  Frame& frame() { return *calls_.back().frame; }
  Frame& frame_at(std::uint32_t hops);
  const Text& constant_text(std::uint32_t index) const { return text_of(program_.constants[index]); }
  void push(Value value) { stack_.push_back(std::move(value)); }
  Value pop();
  std::vector<Value> pop_many(std::size_t count);
  void jump(std::uint32_t target) { calls_.back().next = target; }
  TextBuilder& output() { return buffers_.back(); }
  LoopObject& loop();

  // Variables and values
  void on_constant(const Instruction& i);
  void on_load(const Instruction& i);
  void on_store(const Instruction& i);
  void on_forget(const Instruction& i);
  void on_resolve(const Instruction& i);
  void on_alias(const Instruction& i);
  void on_set_attribute(const Instruction& i);
  void on_make_list(const Instruction& i);
  void on_make_tuple(const Instruction& i);
  void on_make_dict(const Instruction& i);
  void on_unpack(const Instruction& i);
  // Operators
  void on_arithmetic(const Instruction& i);
  void on_concatenate(const Instruction& i);
  void on_compare(const Instruction& i);
  void on_compare_and_jump(const Instruction& i);
  void on_negate(const Instruction& i);
  void on_keep_sign(const Instruction& i);
  void on_invert(const Instruction& i);
  void on_attribute(const Instruction& i);
  void on_item(const Instruction& i);
  void on_slice(const Instruction& i);
  void on_filter(const Instruction& i);
  void on_test(const Instruction& i);
  // Jumps
  void on_jump(const Instruction& i);
  void on_jump_if_false(const Instruction& i);
  void on_jump_or_pop_false(const Instruction& i);
  void on_jump_or_pop_true(const Instruction& i);
  void on_jump_if_given(const Instruction& i);
  void on_undefined_parameter(const Instruction& i);
  // Output
  void on_write(const Instruction& i);
  void on_write_constant(const Instruction& i);
  void on_begin_buffer(const Instruction& i);
  void on_end_buffer(const Instruction& i);
  void on_drop_buffers(const Instruction& i);
  // Loops and calls
  void on_begin_loop(const Instruction& i);
  void on_next_item(const Instruction& i);
  void on_loop_object(const Instruction& i);
  void on_end_pass(const Instruction& i);
  void on_end_loop(const Instruction& i);
  void on_make_macro(const Instruction& i);
  void on_call(const Instruction& i);
  void on_call_recursive(const Instruction& i);
  void on_argument(const Instruction& i);
  void on_return_text(const Instruction& i);
  void on_return_value(const Instruction& i);

  Arguments pop_arguments(const CallShape& shape);
  void call_value(const Value& callee, Arguments arguments);
  void call_macro(const MacroObject& macro, Arguments arguments);
  void call_loop(const Value& loop, Arguments arguments);
  Value variable(const std::string& name) const;

  const Program& program_;
  const Value& variables_;
  Runtime& runtime_;
  std::vector<std::unique_ptr<Frame>> kept_frames_;  // that something may still refer to
  std::vector<std::unique_ptr<Frame>> live_frames_;
  std::vector<std::unique_ptr<Frame>> free_frames_;
  std::vector<Call> calls_;
  std::vector<Value> stack_;
  std::vector<TextBuilder> buffers_;
  struct OpenLoop {
    Value value;
    bool completed = false;  // a pass has come to its end
    LoopObject& as_loop() const { return value.as<LoopObject>(); }
  };
  std::vector<OpenLoop> loops_;
  std::size_t nested_runs_ = 0;
};

}  // namespace templating
}  // namespace chat
}  // namespace eigenformer::inline EIGENFORMER_ABI
