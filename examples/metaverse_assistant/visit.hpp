// One visit: welcome, questions and answers, farewell.
#pragma once

#include <eigenformer/chat.hpp>
#include <iosfwd>

#include "persona.hpp"

/// Talks until the visitor leaves: by exit, quit, bye or 再见, or by the end of the input. An empty line is asked
/// again.
void receive_visitor(eigenformer::Chat& chat, const Lines& lines, std::istream& in, std::ostream& out);

/// Whether a vocabulary was made with Chinese text in it. Where it was not, Chinese falls apart into bytes, three for a
/// character, and the model has hardly seen any: more than one and a half tokens for a character tell that.
bool knows_chinese(const eigenformer::Tokenizer& tokenizer);
