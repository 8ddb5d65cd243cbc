#pragma once

#include <array>
#include <utility>

#include "eigenformer/tokenize/files/component_table.hpp"
#include "eigenformer/tokenize/post_processors/template_reader.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

namespace template_reader_detail {

using format::Json;

/// Reads one of the two templates.
class TemplateReader {
 public:
  TemplateReader(ComponentReader& object, std::size_t vocabulary_size)
      : object_(object), tokens_(object.object("special_tokens")), vocabulary_size_(vocabulary_size) {}

  /// `texts` is how many texts the template is for.
  std::vector<LayoutPart> read(const char* key, std::int32_t texts) {
    std::vector<LayoutPart> parts;
    std::array<bool, 2> seen{};
    object_.each_object(key, [&](const Json& item, const std::string& where) {
      ComponentReader piece(item, where);
      LayoutPart part = piece.value("Sequence").is_null() ? special(piece) : text(piece);
      if (part.text >= texts) piece.refuse("Sequence", "one text");
      if (part.text >= 0 && std::exchange(seen[static_cast<std::size_t>(part.text)], true)) {
        piece.refuse("Sequence", "the text once");
      }
      parts.push_back(std::move(part));
      piece.finish();
    });
    if (texts == 1 && !seen[0]) object_.refuse(key, "a template with the text in it");
    return parts;
  }

 private:
  static std::int32_t type_id(ComponentReader& part) {
    if (part.value("type_id").is_null()) return 0;
    const std::int64_t id = part.integer("type_id");
    constexpr std::int64_t k_most = 0xFFFF;
    if (id < 0 || id > k_most) part.refuse("type_id", "a type from 0 to " + std::to_string(k_most));
    return static_cast<std::int32_t>(id);
  }
  static LayoutPart text(ComponentReader& piece) {
    ComponentReader sequence(piece.object("Sequence"), piece.where() + ".Sequence");
    const std::string name = sequence.text("id");
    if (name != "A" && name != "B") sequence.refuse("id", "the text A or B");
    LayoutPart part{.text = name == "A" ? 0 : 1, .type_id = type_id(sequence)};
    sequence.finish();
    return part;
  }
  LayoutPart special(ComponentReader& piece) {
    ComponentReader token(piece.object("SpecialToken"), piece.where() + ".SpecialToken");
    LayoutPart part{.type_id = type_id(token), .ids = ids_of(token.text("id"))};
    token.finish();
    return part;
  }
  std::vector<TokenId> ids_of(const std::string& name) const {
    ComponentReader all(tokens_, object_.where() + ".special_tokens");
    ComponentReader token(all.object(name), object_.where() + ".special_tokens." + name);
    std::vector<TokenId> ids;
    for (const Json& id : token.array("ids").elements()) {
      if (!is_id_below(vocabulary_size_, id)) {
        token.refuse("ids", "ids below " + std::to_string(vocabulary_size_));
      }
      ids.push_back(static_cast<TokenId>(id.integer()));
    }
    return ids;
  }

  ComponentReader& object_;
  const Json& tokens_;
  std::size_t vocabulary_size_;
};

}  // namespace template_reader_detail

EIGENFORMER_INLINE TemplateProcessing::Templates read_templates(ComponentReader& object, std::size_t vocabulary_size) {
  template_reader_detail::TemplateReader reader(object, vocabulary_size);
  TemplateProcessing::Templates templates;
  templates.single = reader.read("single", 1);
  templates.pair = reader.read("pair", 2);
  return templates;
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize
