// Keys that any Hugging Face config.json may hold and that change no value of a forward pass: fields of transformers'
// PretrainedConfig (versions 4 and 5), defaults for generation that older versions wrote there, and what only training
// reads. Keys that do change the result when they are set (is_decoder, add_cross_attention, tie_word_embeddings,
// pruned_heads, quantization_config) are not here: an architecture reads them, and finish() passes them where they are
// null, false or empty. https://github.com/huggingface/transformers/blob/main/src/transformers/configuration_utils.py
#pragma once

#include <algorithm>
#include <iterator>
#include <string_view>

#include "eigenformer/core/config.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::format {

inline constexpr std::string_view k_base_config_keys[] = {
    // where the config comes from
    "_name_or_path",
    "name_or_path",
    "_commit_hash",
    "transformers_version",
    "model_type",
    "architectures",
    "tokenizer_class",
    "finetuning_task",
    "transformers.js_config",
    "model_name",
    "license",
    // how transformers runs it
    "torch_dtype",
    "dtype",
    "torchscript",
    "use_bfloat16",
    "tf_legacy_loss",
    "return_dict",
    "output_attentions",
    "output_hidden_states",
    "output_past",
    "chunk_size_feed_forward",
    "gradient_checkpointing",
    "use_cache",
    "xla_device",
    "attn_implementation",
    "_attn_implementation",
    "_attn_implementation_autoset",
    "_attn_implementation_internal",
    "experts_implementation",
    "_experts_implementation",
    "_experts_implementation_internal",
    "_flash_attn_2_enabled",
    // heads of tasks, which read their labels themselves
    "id2label",
    "label2id",
    "num_labels",
    "_num_labels",
    "problem_type",
    "task_specific_params",
    "prefix",
    // special tokens
    "bos_token_id",
    "eos_token_id",
    "pad_token_id",
    "sep_token_id",
    "decoder_start_token_id",
    "cls_token_id",
    "mask_token_id",
    "unk_token_id",
    // generation
    "max_length",
    "max_new_tokens",
    "min_length",
    "min_new_tokens",
    "do_sample",
    "early_stopping",
    "num_beams",
    "num_beam_groups",
    "diversity_penalty",
    "temperature",
    "top_k",
    "top_p",
    "min_p",
    "typical_p",
    "epsilon_cutoff",
    "eta_cutoff",
    "repetition_penalty",
    "encoder_repetition_penalty",
    "length_penalty",
    "no_repeat_ngram_size",
    "encoder_no_repeat_ngram_size",
    "bad_words_ids",
    "force_words_ids",
    "num_return_sequences",
    "output_scores",
    "output_logits",
    "return_dict_in_generate",
    "forced_bos_token_id",
    "forced_eos_token_id",
    "remove_invalid_values",
    "exponential_decay_length_penalty",
    "suppress_tokens",
    "begin_suppress_tokens",
    "renormalize_logits",
    "penalty_alpha",
    "guidance_scale",
    "cache_implementation",
    // training
    "initializer_range",
    "initializer_factor",
    "init_std",
    "classifier_dropout",
    "classifier_dropout_prob",
    "classif_dropout",
    "attention_dropout",
    "attention_dropout_prob",
    "attention_probs_dropout_prob",
    "attn_pdrop",
    "embd_pdrop",
    "resid_pdrop",
    "embd_dropout",
    "embedding_dropout",
    "hidden_dropout",
    "hidden_dropout_prob",
    "dropout",
    "dropout_rate",
    "activation_dropout",
    "resid_dropout",
    "qa_dropout",
    "seq_classif_dropout",
    "layerdrop",
    "encoder_layerdrop",
    "decoder_layerdrop",
    "summary_first_dropout",
    "summary_last_dropout",
    "router_aux_loss_coef",
    "router_jitter_noise",
    "output_router_logits",
};

/// Keys that name code to be run. Nothing of it is run, and the reader's reports say so.
inline constexpr std::string_view k_code_keys[] = {"auto_map", "custom_pipelines", "trust_remote_code"};

inline bool is_base_config_key(std::string_view key) {
  return std::find(std::begin(k_base_config_keys), std::end(k_base_config_keys), key) != std::end(k_base_config_keys);
}

inline bool is_code_key(std::string_view key) {
  return std::find(std::begin(k_code_keys), std::end(k_code_keys), key) != std::end(k_code_keys);
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::format
