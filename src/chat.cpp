// The compiled build of the room chat/: every body that its headers declare, but for the templates.
#include "eigenformer/chat-inl.hpp"
#include "eigenformer/chat/chat_state-inl.hpp"
#include "eigenformer/chat/context_window-inl.hpp"
#include "eigenformer/chat/end_token_format-inl.hpp"
#include "eigenformer/chat/prompt_format-inl.hpp"
#include "eigenformer/chat/saved_chat-inl.hpp"
#include "eigenformer/chat/template_format-inl.hpp"
