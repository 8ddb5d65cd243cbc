// Attention maps as one page of HTML with everything in it: it needs no network and no other file.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "eigenformer/forward.hpp"

namespace cli {

namespace ef = eigenformer;

/// A token as the page shows it.
struct ShownToken {
  std::string text;
  ef::TokenId id;
};

/// One kind of attention in every layer and head.
struct AttentionMaps {
  std::string name;                       ///< "decoder", "encoder", "cross"
  std::vector<ShownToken> rows;           ///< the tokens that look
  std::vector<ShownToken> columns;        ///< the tokens that are looked at
  std::vector<const ef::Tensor*> layers;  ///< [heads, rows, columns] each; they outlive the page's making
};

/// The page, as UTF-8. Weights are kept with 16 bits each; where no row looks at what comes after it, that half is left
/// out.
std::string attention_page(std::string_view model, const std::vector<AttentionMaps>& maps);

}  // namespace cli
