// What a user does with files: everything, until the first error. Each throws the library's errors and nothing else.
#pragma once

#include <filesystem>
#include <string_view>

namespace eigenformer_tests::hostile {

/// Loads a folder, takes texts to ids and back, computes: two tokens, or the outputs of an encoder; says a turn of a
/// chat where there is a template.
void use_folder(const std::filesystem::path& folder);
/// The same with a GGUF file in memory.
void use_gguf(std::string_view bytes);
/// The tokenizer of a folder that has no weights.
void use_tokenizer(const std::filesystem::path& folder);
/// Renders a chat template with a conversation, tools and a date.
void use_template(std::string_view source);
/// Opens files of weights by themselves and decodes every tensor.
void use_safetensors(std::string_view bytes);
void use_torch(std::string_view bytes);
/// Compiles a pattern of a tokenizer and searches texts by it.
void use_pattern(std::string_view pattern);
/// Reads a model of the sentencepiece library.
void use_sentencepiece(std::string_view bytes);
/// Reads config.json by itself as an architecture does.
void use_config(std::string_view text);
/// Reads a chat that was saved.
void use_saved_chat(std::string_view text);

}  // namespace eigenformer_tests::hostile
