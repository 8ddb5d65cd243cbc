// The compiled build of the room chat/: the interpreter of chat templates.
#include "eigenformer/chat/template/template-inl.hpp"
