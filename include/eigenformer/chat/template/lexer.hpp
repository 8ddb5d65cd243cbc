// Tokens of a Jinja template, with trim_blocks and lstrip_blocks on and one newline at the end of the file left out, as
// Hugging Face's environment has them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "eigenformer/chat/template/runtime.hpp"

namespace eigenformer::inline EIGENFORMER_ABI {
namespace chat {
namespace templating {

enum class TokenKind : std::uint8_t {
  data,            // text outside of tags
  variable_begin,  // {{
  variable_end,
  block_begin,  // {%
  block_end,
  name,
  text,  // a quoted literal
  integer,
  number,
  op,  // operator or punctuation
  end,
};

struct Token {
  TokenKind kind = TokenKind::end;
  int line = 1;
  std::string text = {};  // of data, names, literals without their quotes and escapes, operators
  std::int64_t integer = 0;
  double number = 0;

  bool is_name(std::string_view name) const { return kind == TokenKind::name && text == name; }
  bool is_op(std::string_view op) const { return kind == TokenKind::op && text == op; }
};

/// All tokens, the last of kind `end`. Throws ChatError "chat.template_syntax" and "chat.template_unsupported".
std::vector<Token> tokenize_template(std::string_view source, std::string_view where);

/// How an error names a token: "'}'", "the end of the template".
std::string describe(const Token& token);

}  // namespace templating
}  // namespace chat
}  // namespace eigenformer::inline EIGENFORMER_ABI
