// The templates of a tokenizer.json: single and pair of TemplateProcessing.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "eigenformer/core/config.hpp"
#include "eigenformer/tokenize/files/component_reader.hpp"
#include "eigenformer/tokenize/post_processors/template_processing.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

/// Reads the keys of a TemplateProcessing. Each text stands in a template once at most; ids are below
/// `vocabulary_size`.
TemplateProcessing::Templates read_templates(ComponentReader& object, std::size_t vocabulary_size);

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/tokenize/post_processors/template_reader-inl.hpp"
#endif
