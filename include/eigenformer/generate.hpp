// Text from a model: several sequences at once, or a reply that is pulled piece by piece. A light header.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "eigenformer/core/config.hpp"
#include "eigenformer/core/early_stopping.hpp"
#include "eigenformer/error.hpp"
#include "eigenformer/generate/logits_processor.hpp"
#include "eigenformer/model.hpp"
#include "eigenformer/tokenizer.hpp"

namespace eigenformer::inline EIGENFORMER_ABI {

/// A shared switch: copies are the same switch, and any thread (or a signal handler) may turn it.
class CancelToken {
 public:
  CancelToken() : flag_(std::make_shared<std::atomic<bool>>(false)) {}

  /// Asks whoever was given this token to stop, within about a layer's time.
  void cancel() const noexcept { flag_->store(true, std::memory_order_relaxed); }
  /// Makes it usable again.
  void reset() const noexcept { flag_->store(false, std::memory_order_relaxed); }
  bool cancelled() const noexcept { return flag_->load(std::memory_order_relaxed); }
  /// For the library's own rooms.
  const std::atomic<bool>* flag() const noexcept { return flag_.get(); }

 private:
  std::shared_ptr<std::atomic<bool>> flag_;
};

/// New tokens where neither max_new_tokens nor max_length is given.
inline constexpr std::size_t k_default_new_tokens = 256;

/// A sequence of at least one token, and what is added to the score of the last one where the text ends with the
/// others.
struct TokenBias {
  std::vector<TokenId> ids = {};
  double bias = 0;  ///< -10000 to 10000, or minus infinity: never
  friend bool operator==(const TokenBias&, const TokenBias&) = default;
};

/// From `start` new tokens on, end tokens become likelier: their scores grow by |score| * (factor^n - 1) at the n-th
/// token behind it. transformers' exponential_decay_length_penalty.
struct DecayingLength {
  std::size_t start = 0;
  double factor = 1;  ///< 0.01 to 100; below 1: less likely
  friend bool operator==(const DecayingLength&, const DecayingLength&) = default;
};

/// Against saying whole passages again ("don't repeat yourself"): where the last n tokens of the text, n at least
/// `allowed_length`, stand in it before, the token that followed there loses multiplier * base^(n - allowed_length).
/// https://github.com/oobabooga/text-generation-webui/pull/5677
struct DryOptions {
  double multiplier = 0;               ///< 0: off; 0 to 100
  double base = 1.75;                  ///< 1 to 100
  std::size_t allowed_length = 2;      ///< 1 or more
  std::size_t range = 0;               ///< how many of the last tokens are looked at; 0: all
  std::vector<TokenId> breakers = {};  ///< tokens that no repetition goes beyond: line ends, quotes, names
};

/// "Exclude top choices": with that probability, all tokens but one are dropped that are at least `threshold` likely;
/// the least likely of them stays. https://github.com/oobabooga/text-generation-webui/pull/6335
struct XtcOptions {
  double probability = 0;  ///< 0: off; 0 to 1
  double threshold = 0.1;  ///< 0 to 1; above 0.5 it does nothing
};

/// Mirostat 2.0: drops tokens that are too surprising, by a border that moves from token to token so that the text's
/// surprise comes to `surprise` bits a token. https://arxiv.org/abs/2007.14966
struct MirostatOptions {
  double surprise = 5;         ///< tau, in bits; 0 to 100
  double learning_rate = 0.1;  ///< eta; 0 to 1
};

/// Which texts count as the same.
enum class CaseSensitivity : std::uint8_t {
  insensitive,  ///< those that are equal after Unicode's full case folding: "Straße" and "STRASSE"
  sensitive,    ///< those of the same bytes
};

/// How tokens are chosen and when to stop. Names, order and meaning are those of Hugging Face transformers; what
/// differs is said. A value out of its range is a UsageError "usage.option_range" that names it.
struct GenerateOptions {
  std::optional<std::size_t> max_new_tokens = {};  ///< 1 or more; goes before max_length
  /// Prompt and new tokens together; of an encoder-decoder: what the decoder begins with and the new tokens.
  std::optional<std::size_t> max_length = {};
  double temperature = 0;                  ///< 0: always the likeliest token (do_sample=False); else 0.0001 to 10000
  std::size_t top_k = 0;                   ///< only tokens as likely as the k-th likeliest; 0: all
  double top_p = 1;                        ///< only the likeliest tokens that reach this probability together; 0 to 1
  double min_p = 0;                        ///< only tokens at least this fraction as likely as the likeliest; 0 to 1
  double repetition_penalty = 1;           ///< for tokens that the prompt or the text has already; 0.01 to 100
  std::uint64_t seed = 0;                  ///< the same seed gives the same tokens on every machine
  std::size_t num_return_sequences = 1;    ///< 1 to 1024; several need a temperature above 0, or as many beams
  std::vector<std::string> stop = {};      ///< texts that end the answer; they are not part of it
  std::vector<TokenId> stop_tokens = {};   ///< tokens that end the answer besides the model's own end tokens
  bool ignore_end_tokens = false;          ///< go on after the model's own end tokens (stop_tokens still count)
  std::size_t prefill_chunk = 256;         ///< tokens of the prompt computed in one step: less memory, the same bits
  std::optional<CancelToken> cancel = {};  ///< turn it on another thread to stop; looked at between layers
  /// Tokens that never follow each other in this order; a single token: that never comes. Where there are none, those
  /// of an encoder-decoder's own files (bad_words_ids).
  std::vector<std::vector<TokenId>> bad_words = {};
  /// Texts that never come into the answer, whatever tokens spell them: where one is complete, its tokens are taken
  /// back and the first of them does not come at its place again (docs/generation.md). What may be the beginning of one
  /// is held back until it is certain. At most 1024 of 1 to 1024 bytes. One beam; not for two-stream models. The name
  /// is that of exllamav2 and ik_llama.cpp.
  std::vector<std::string> banned_strings = {};
  CaseSensitivity banned_strings_case = CaseSensitivity::insensitive;  ///< which texts count as one of them

  // Of encoder-decoders. Where one is not given, the model's own generation_config.json or config.json decides.
  std::optional<TokenId> decoder_start_token = {};  ///< what the decoder begins with
  std::vector<TokenId> decoder_prompt = {};         ///< what follows it before the new tokens

  /// Above 1: away from what the model would say behind `unconditional_prompt`, by guidance.hpp's formula; -100 to 100,
  /// 1: off. Costs a second sequence. Not for encoder-decoders.
  double guidance_scale = 1;
  std::vector<TokenId> unconditional_prompt = {};  ///< negative_prompt_ids; none: the last token of the prompt

  // Rules for the scores of the next token, in the order in which they run (repetition_penalty and bad_words stand
  // among them). Names are those of transformers but where another source is named; docs/generation.md has the
  // formulas.
  std::vector<TokenBias> sequence_bias = {};
  double encoder_repetition_penalty = 1;  ///< above 1: what is in the source (or the prompt) is likelier; 0.01 to 100
  std::size_t no_repeat_ngram_size = 0;   ///< so many tokens in a row never come twice; 0: off
  std::size_t encoder_no_repeat_ngram_size = 0;    ///< nor do those of the source (of a decoder: the prompt)
  std::size_t min_length = 0;                      ///< no end token before so many tokens, the prompt's included
  std::optional<std::size_t> min_new_tokens = {};  ///< no end token before so many new ones; goes before min_length
  /// The first new token is one of these, whatever the model says (forced_bos_token_id): many translators take the
  /// language that they translate into so. It counts where one token alone stands before it, such as the start token.
  /// Where there are none, the model's own files decide.
  std::vector<TokenId> forced_first_tokens = {};
  /// A text that reaches max_length ends with one of these (forced_eos_token_id). Where there are none, the model's own
  /// files decide.
  std::vector<TokenId> forced_last_tokens = {};
  std::optional<DecayingLength> exponential_decay_length_penalty = {};
  std::vector<TokenId> suppress_tokens = {};        ///< never come
  std::vector<TokenId> begin_suppress_tokens = {};  ///< are never the first new token
  double presence_penalty = 0;   ///< what a token loses that is among the new ones; -100 to 100 (OpenAI's API)
  double frequency_penalty = 0;  ///< what it loses each time that it is among them; -100 to 100 (OpenAI's API)
  std::vector<TokenBias> logit_bias = {};  ///< as sequence_bias, behind the penalties (OpenAI's API)
  DryOptions dry = {};
  /// Rules of the host's own, behind all of these (logits_processor of transformers' generate). None of them null.
  LogitsProcessors processors = {};

  // Filters for tokens that are drawn, beside top_k, top_p and min_p.
  double top_n_sigma = 0;     ///< only scores at most so many standard deviations below the largest; 0: off; 0 to 100
  double top_h = 0;           ///< the likeliest tokens up to this part of the entropy; 0: off; 0 to 1
  double typical_p = 1;       ///< the tokens of the most usual surprise that reach this probability; 0.0001 to 1 (off)
  double epsilon_cutoff = 0;  ///< only tokens at least this likely; 0: off; 0 to 1
  double eta_cutoff = 0;      ///< the same, less strict where all are unlikely; 0: off; 0 to 1
  XtcOptions xtc = {};
  std::optional<MirostatOptions> mirostat = {};
  bool renormalize_logits = false;  ///< behind all rules scores become log-probabilities: beams differ by it

  /// Where given: the log-probability of each new token, and of so many of the likeliest at its place; 0 to 64.
  std::optional<std::size_t> log_probabilities = {};

  // Of beams. A text with a length penalty scores the sum of its tokens' log-probabilities, divided by (new tokens to
  // the power of length_penalty). With one beam, length_penalty and early_stopping are of no account.
  /// Texts that are followed side by side, the best of which go on: 1 to 1024; not given: 1. With a temperature above 0
  /// those that go on are drawn (beam sampling). Several beams and stop strings: a beam ends with its stop string.
  std::optional<std::size_t> num_beams = {};
  /// Above 0 for longer texts, below 0 for shorter ones: -10 to 10; not given: 1.
  std::optional<double> length_penalty = {};
  std::optional<EarlyStopping> early_stopping = {};  ///< not given: no
  /// Groups that the beams are divided into, num_beams / num_beam_groups each, which choose one after the other
  /// (diverse beam search, https://arxiv.org/abs/1610.02424). Not with a temperature.
  std::size_t num_beam_groups = 1;
  /// What a token loses for each beam of earlier groups that has taken it at the same place: above 0 with several
  /// groups.
  double diversity_penalty = 0;

  // Speculation: tokens that are guessed are computed side by side, and those that the model would have chosen anyway
  // are kept. The result is the same to the bit, greedy and drawn; only the time differs.
  /// Above 0: up to so many tokens are guessed by what followed the last ones where they came first in the text (prompt
  /// lookup). Of use where much of the prompt is said again. Goes before an assistant. At most 1024.
  std::size_t prompt_lookup_num_tokens = 0;
  std::size_t max_matching_ngram_size = 2;      ///< how many of the last tokens are looked up at first; 1 to 1024
  std::optional<Model> assistant = {};          ///< a smaller model with the same vocabulary, which guesses
  std::size_t num_assistant_tokens = 20;        ///< how many it guesses for one step at most; 1 to 1024
  double assistant_confidence_threshold = 0.4;  ///< it stops after a guess that it holds for less likely; 0 to 1
};

/// Text with the keys of Hugging Face's generation_config.json, and what errors call it.
struct GenerationConfig {
  std::string json = {};
  std::string where = "generation config";
};

/// The options that transformers' generate() would go by: what `options` says, where it is silent the keys of `config`,
/// then those of the model's own generation_config.json, then transformers' defaults; but for the length, which is
/// k_default_new_tokens where nothing names it. Tokens are drawn where do_sample is true.
///
/// `options` is silent where it stands at its default. A default itself goes before the files if it is set afterwards:
/// `auto options = generation_options(model); options.temperature = 0;`
///
/// Of an older model, which has no generation_config.json, the same keys of its config.json count, but for what could
/// not be honoured.
///
/// Throws FormatError ("format.json_syntax" and its like), ConfigError "config.generation_key" for a key that is not
/// honoured and not at the value at which it does nothing, or whose value is of another type.
GenerateOptions generation_options(const Model& model, const GenerationConfig& config = {},
                                   const GenerateOptions& options = {});
Result<GenerateOptions> try_generation_options(const Model& model, const GenerationConfig& config = {},
                                               const GenerateOptions& options = {});

enum class FinishReason : std::uint8_t {
  end_token,    ///< an end token of the model, or one of stop_tokens
  stop_string,  ///< one of GenerateOptions::stop
  length,       ///< max_new_tokens, max_length or the model's context
  cancelled,
  banned,  ///< all that was tried would have been one of banned_strings
};

/// "eos", "stop", "length", "cancelled" or "banned": as `eigenformer generate --json` prints it.
constexpr std::string_view finish_reason_name(FinishReason reason) {
  switch (reason) {
    case FinishReason::end_token: return "eos";
    case FinishReason::stop_string: return "stop";
    case FinishReason::length: return "length";
    case FinishReason::cancelled: return "cancelled";
    case FinishReason::banned: return "banned";
  }
  return "";
}

/// A token that might have come.
struct LikelyToken {
  TokenId id = 0;
  double log_probability = 0;  ///< in the distribution that the token was chosen from
};

struct GeneratedSequence {
  std::vector<TokenId> ids;  ///< new tokens, an end token or a stop string's tokens included
  std::string text;          ///< of the new tokens, without special tokens and stop strings; empty without a tokenizer
  FinishReason finish_reason = FinishReason::length;
  /// Of one beam: sum of the natural logarithms of each chosen token's probability in the distribution that it was
  /// chosen from: after the penalty, and where tokens are drawn after temperature and filters, too (transformers'
  /// compute_transition_scores with normalize_logits=True).
  ///
  /// Of several beams: what the texts are ordered by, transformers' sequences_scores. That is the sum of the tokens'
  /// log-probabilities, changed by the same penalties and filters but not brought to the sum 1 again after them,
  /// divided by (new tokens, an end token included, to the power of length_penalty).
  double score = 0;
  /// Where GenerateOptions::log_probabilities asks for them: that of each of `ids`; their sum is `score`.
  std::vector<double> log_probabilities = {};
  /// Where it asks for more than 0: the likeliest tokens at the place of each of `ids`, likeliest first. Fewer where
  /// filters left fewer.
  std::vector<std::vector<LikelyToken>> alternatives = {};
  std::size_t drafted_tokens = 0;     ///< that were guessed and computed (GenerateOptions::assistant)
  std::size_t accepted_tokens = 0;    ///< those of them that are part of the result
  std::size_t taken_back_tokens = 0;  ///< that were chosen and are no part of it (GenerateOptions::banned_strings)
};

/// Continues a prompt that is tokens already. Needs no tokenizer unless there are stop or banned strings. Several
/// sequences are computed side by side and share the prompt's part of the cache. When it is cancelled, what there is
/// until then is returned, with FinishReason::cancelled.
///
/// An encoder-decoder reads the prompt with its encoder, once for all sequences, and writes with its decoder, which
/// begins with its start token; that and GenerateOptions::decoder_prompt are not returned.
///
/// With several beams the best texts are returned, best first: num_return_sequences, or fewer where there are not so
/// many different ones.
///
/// Throws UsageError ("usage.prompt_empty", "usage.prompt_too_long", "usage.token_id", "usage.option_range",
/// "usage.greedy_sequences", "usage.beam_options", "usage.ban_beams", "usage.ban_two_streams", "usage.not_generative",
/// "usage.no_encoder", "usage.decoder_start", "usage.max_length", "usage.no_token_left", "usage.processor_scores"),
/// NumericError "numeric.logits_not_finite".
std::vector<GeneratedSequence> generate(const Model& model, std::span<const TokenId> prompt,
                                        const GenerateOptions& options = {});
Result<std::vector<GeneratedSequence>> try_generate(const Model& model, std::span<const TokenId> prompt,
                                                    const GenerateOptions& options = {});

/// What a reply has cost so far.
struct ReplyStatistics {
  std::size_t prompt_tokens = 0;  ///< of an encoder-decoder: the source's
  std::size_t cached_tokens = 0;  ///< of the prompt's tokens, those that were in the cache already
  std::size_t new_tokens = 0;
  double prompt_seconds = 0;          ///< until the first new token
  double token_seconds = 0;           ///< for the other new tokens
  std::size_t drafted_tokens = 0;     ///< that were guessed and computed (GenerateOptions::assistant)
  std::size_t accepted_tokens = 0;    ///< those of them that are part of the answer
  std::size_t taken_back_tokens = 0;  ///< that were chosen and are no part of it (GenerateOptions::banned_strings)
};

namespace generation {
class ReplyState;
}  // namespace generation

/// An answer that comes into being while it is pulled:
/// `for (auto reply = chat.begin("Hello"); auto piece = reply.next();) std::cout << *piece << std::flush;`
/// It may be destroyed at any time. Not for two threads at a time, but for the cancel token.
class Reply {
 public:
  explicit Reply(std::unique_ptr<generation::ReplyState> state);
  Reply(Reply&&) noexcept;
  Reply& operator=(Reply&&) noexcept;
  ~Reply();

  /// The next piece of text, never empty, always whole UTF-8 characters; none when the answer is over. After an error
  /// it is over. Throws NumericError "numeric.logits_not_finite", UsageError as generate() does, std::bad_alloc.
  std::optional<std::string> next();
  Result<std::optional<std::string>> try_next();

  /// Ends it here: what was said until now stands, and in a chat it is remembered. Throws std::bad_alloc.
  void stop();
  /// The switch that makes next() stop within about a layer's time when another thread turns it:
  /// GenerateOptions::cancel, or one of its own. What was said until then stands.
  CancelToken cancel_token() const;

  /// Why the answer is over; none while it is not, or when an error ended it.
  std::optional<FinishReason> finish_reason() const noexcept;
  /// New tokens until now, an end token included; none of those that banned_strings may take back.
  std::span<const TokenId> ids() const noexcept;
  /// All pieces until now, joined.
  const std::string& text() const noexcept;
  const ReplyStatistics& statistics() const noexcept;

 private:
  std::unique_ptr<generation::ReplyState> state_;
};

/// Continues a text; an encoder-decoder answers it. The prompt is computed by the first next(). Throws what `generate`
/// throws, TokenizerError where the model came without a tokenizer, UsageError "usage.reply_sequences" for more than
/// one sequence, "usage.reply_beams" for several beams: which of them is the best is known at the end.
Reply begin(const Model& model, std::string_view prompt, const GenerateOptions& options = {});
Result<Reply> try_begin(const Model& model, std::string_view prompt, const GenerateOptions& options = {});

}  // namespace eigenformer::inline EIGENFORMER_ABI

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/generate-inl.hpp"
#endif
