// Tokens that are found in the text before anything else is done with it: special tokens, and those added after
// training.
#pragma once

#include <array>
#include <bitset>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "eigenformer/core/byte_span.hpp"
#include "eigenformer/core/config.hpp"
#include "eigenformer/tokenize/models/model.hpp"
#include "eigenformer/tokenize/normalizers/normalizer.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

/// The flags are those of Hugging Face's AddedToken.
struct AddedToken {
  std::string content = {};
  bool single_word = false;  ///< not inside a word
  bool lstrip = false;       ///< takes the white space before it
  bool rstrip = false;       ///< takes the white space after it
  bool normalized = false;   ///< looked for in the normalized text, in its own normalized form
  bool special = false;      ///< left out by skip_special_tokens

  friend bool operator==(const AddedToken&, const AddedToken&) = default;
};

/// A part of a text: an added token, or what lies between two.
struct Section {
  ByteSpan span;
  std::optional<TokenId> id;
};

/// Finds texts: the leftmost, and of those the longest.
class TokenTrie {
 public:
  void insert(std::string_view text, std::size_t value);
  bool empty() const { return size() == 1; }
  /// Of its nodes.
  std::size_t size() const { return nodes_.size(); }

  struct Match {
    std::size_t end = 0;
    std::size_t value = 0;
  };
  /// The longest text that begins at `begin` and, if `accepts(value, end)`, ends at `end`, at most `limit`.
  template <class Accepts>
  std::optional<Match> longest(std::string_view text, std::size_t begin, Accepts accepts) const;

 private:
  static constexpr std::uint32_t k_none = 0xFFFFFFFFU;
  struct Node {
    std::uint32_t first_child = k_none;
    std::uint32_t next_sibling = k_none;
    std::uint32_t value = k_none;
    char byte = '\0';
  };
  std::uint32_t child(std::uint32_t node, char byte) const;

  std::vector<Node> nodes_ = std::vector<Node>(1);
  std::array<std::uint32_t, 256> roots_ = [] {
    std::array<std::uint32_t, 256> none{};
    none.fill(k_none);
    return none;
  }();
};

/// The tokens beside the model's own vocabulary.
class AddedTokens {
 public:
  /// Adds a token, or changes the flags of one that is there, and gives its id: that of the added token or of the
  /// model's token of this content, else the next one. TokenizerError "tokenizer.added_token_text" for one that is too
  /// long, "tokenizer.vocabulary_size" where all of them are.
  TokenId add(const AddedToken& token, const Model& model, const Normalizer* normalizer, const std::string& where);
  /// Call once when all are added. TokenizerError "tokenizer.vocabulary_size" where they have more different beginnings
  /// than those of any model.
  void finish(const std::string& where);

  /// Matches of the text as it was given, or of the normalized text.
  enum class Stage : std::uint8_t { given, normalized };
  /// Whether a token of text only (white space that is not special) is the one that matched.
  using Blocked = std::function<bool(ByteSpan)>;
  /// Cuts the text into sections that cover it; a span for which `blocked` holds is matched by white space tokens only.
  /// `match_special` false leaves special tokens in the text.
  struct SplitOptions {
    Stage stage = Stage::given;
    bool match_special = true;
    Blocked blocked;  ///< may be empty
  };
  void split(std::string_view text, const SplitOptions& options, std::vector<Section>& sections) const;

  std::optional<TokenId> find(std::string_view content) const;
  /// Null where the id is not that of an added token.
  const AddedToken* token(TokenId id) const;
  /// What stands in for the token while decoding: its normalized form if it is looked for in that.
  std::string_view decoded_form(TokenId id) const;
  /// By content, as skip_special_tokens asks.
  bool is_special(std::string_view content) const;
  /// The text without the contents of special tokens, those that are left when others are gone included.
  std::string without_special(std::string_view text) const;
  /// One more than the highest id, or 0.
  std::size_t end_id() const { return entries_.empty() ? 0 : static_cast<std::size_t>(entries_.rbegin()->first) + 1; }

 private:
  struct Entry {
    AddedToken token;
    std::string form;          ///< what is looked for
    bool white_space = false;  ///< nothing else, and not special
  };
  bool fits(const Entry& entry, std::string_view text, ByteSpan span) const;

  struct Content {
    TokenId id = 0;
    bool is_special = false;
  };

  std::map<TokenId, Entry> entries_;
  std::map<std::string, Content, std::less<>> contents_;
  std::size_t content_bytes_ = 0;
  TokenTrie given_, normalized_;            ///< values are ids
  std::vector<std::size_t> special_sizes_;  ///< of the contents of special tokens, each once, the largest first
  std::bitset<256> special_ends_;           ///< their last bytes
};

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/tokenize/added_tokens-inl.hpp"
#endif
