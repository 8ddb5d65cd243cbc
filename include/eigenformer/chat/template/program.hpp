// A compiled template: instructions for a machine with a stack, so that running one needs no recursion.
#pragma once

#include <string>
#include <vector>

#include "eigenformer/chat/template/filters.hpp"
#include "eigenformer/chat/template/operators.hpp"
#include "eigenformer/chat/template/tests.hpp"

namespace eigenformer::inline EIGENFORMER_ABI {
namespace chat {
namespace templating {

/// What an instruction does; a and b are its operands. "Pops" and "pushes" are of the value stack.
enum class Code : std::uint8_t {
  constant,           // pushes constants[a]
  load,               // pushes slot a of the frame b functions out; undefined, named constants[c], where it is missing
  store,              // pops into slot a
  forget,             // slot a becomes missing
  resolve,            // slot a becomes the variable constants[b]
  alias,              // slot a becomes slot c of the frame b functions out
  set_attribute,      // pops a namespace and a value for its attribute constants[a]
  make_list,          // pops a items, pushes a list
  make_tuple,         // pops a items, pushes a tuple
  make_dict,          // pops a pairs, pushes an object
  unpack,             // pops a value with a items, pushes them, the first on top
  arithmetic,         // pops two, pushes `left a right`
  concatenate,        // pops a values, pushes them as one text
  compare,            // pops two, pushes whether `left a right`
  compare_and_jump,   // the same, but where it holds leaves `right` alone, and where not jumps to b
  negate,             // -x
  keep_sign,          // +x
  invert,             // not x
  jump,               // to a
  jump_if_false,      // pops; to a
  jump_or_pop_false,  // to a where the top is false, else pops it
  jump_or_pop_true,   // to a where the top is true, else pops it
  jump_if_given,      // to a where slot b is not missing
  undefined_parameter,  // slot a becomes undefined: parameter constants[b] was not given
  attribute,            // pops, pushes its attribute constants[a]
  item,                 // pops a value and a key, pushes the item
  slice,                // pops a value, start, stop and step
  filter,               // pops a value and the arguments of shapes[a]
  test,                 // the same; b is 1 for "is not"
  call,                 // pops a function and the arguments of shapes[a]
  write,                // pops, adds its text to the output; with a, it must be a text
  write_constant,       // adds constants[a] to the output
  begin_buffer,         // the output goes to a new buffer
  end_buffer,           // pushes what is in it
  drop_buffers,         // forgets a buffers
  begin_loop,           // pops what to walk; a: the function of its test + 1, or 0; b: 1 in a recursive loop
  next_item,            // pushes the next item, or jumps to a at the end
  loop_object,          // slot a becomes `loop`
  end_pass,             // a pass of the loop has come to its end
  end_loop,             // leaves the loop; with a, pushes whether any pass came to its end
  make_macro,           // pushes a macro of functions[a]
  call_recursive,       // pops what to walk, runs functions[a] on it, which gives a text
  argument,             // pushes what a recursive loop is to walk
  return_text,          // leaves the function with what it wrote
  return_value,         // leaves the function with the top of the stack
};

struct Instruction {
  Code code;
  std::uint32_t a = 0;
  std::uint32_t b = 0;
  std::uint32_t c = 0;
  int line = 1;
};

/// The arguments of one call, as they lie on the stack: positions, then names, then *list, then **object.
struct CallShape {
  std::size_t positional = 0;
  std::vector<std::string> keywords = {};
  bool star = false;
  bool double_star = false;
  const FilterEntry* filter = nullptr;
  const TestEntry* test = nullptr;
};

/// The template itself, a macro, the body of a call block or of a recursive loop, or the test of a loop.
struct Function {
  std::string name = {};
  std::vector<Instruction> code = {};
  std::size_t slots = 0;
  std::vector<std::string> parameters = {};  // in the first slots
  int caller_slot = -1;                      // of what the body uses of `caller`, `kwargs` and `varargs`
  int kwargs_slot = -1;
  int varargs_slot = -1;
  bool explicit_caller = false;  // `caller` is one of the parameters
  bool outlives = false;         // something made inside may use its frame after it has returned
};

struct Program {
  std::string where;
  TemplateLimits limits;
  std::vector<Function> functions;  // the first is the template itself
  std::vector<Value> constants;
  std::vector<CallShape> shapes;
};

}  // namespace templating
}  // namespace chat
}  // namespace eigenformer::inline EIGENFORMER_ABI
