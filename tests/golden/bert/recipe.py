"""Tiny BERT models and what transformers computes with them. Run: python recipe.py [case ...]"""

import sys
from pathlib import Path

import torch
from torch import nn
from transformers import BertConfig

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
import encoders  # noqa: E402
from encoders import Case  # noqa: E402

MODULE = "transformers.models.bert.modeling_bert"

SMALL = {
    "hidden_size": 20,
    "num_attention_heads": 4,
    "num_hidden_layers": 1,
    "intermediate_size": 28,
    "max_position_embeddings": 48,
    "vocab_size": 41,
    "type_vocab_size": 2,
    "hidden_act": "gelu",
    "layer_norm_eps": 0.01,
}
LARGER = {
    "hidden_size": 24,
    "num_attention_heads": 3,
    "num_hidden_layers": 2,
    "intermediate_size": 36,
    "max_position_embeddings": 80,
    "vocab_size": 67,
    "type_vocab_size": 3,
}
# The forms of GELU differ by less than 5e-4, and relatively most where the input is near -2.5: there they must show.
AROUND_GELU = {
    "intermediate.dense.weight": (0.3, 0.0),
    "intermediate.dense.bias": (1.0, -2.5),
    "0.output.dense.weight": (8.0, 0.0),
}

CASES = {
    # google-bert/bert-base-uncased: gamma and beta, position_ids, and what BertForPreTraining has on top
    "hub": Case(41, "BertForMaskedLM", LARGER, naming="hub", length=70, attentions=True),
    # sentence-transformers: the base class, no prefix, position_ids
    "sentences": Case(42, "BertModel", naming="sentences", adjusted=AROUND_GELU),
    # a decoder of its own and its bias; predictions.bias, which would be tied to that, is stored and not used
    "pretraining": Case(
        43,
        "BertForPreTraining",
        {"tie_word_embeddings": False, "hidden_act": "silu"},
        without_effect=("cls.predictions.bias",),
    ),
    # tied by the config, yet the file holds another matrix: that one counts
    "stored_decoder": Case(
        44, "BertForMaskedLM", {"hidden_act": "gelu_new"}, naming="stored_decoder", is_changed_by_files=True
    ),
    "next_sentence": Case(45, "BertForNextSentencePrediction", {"hidden_act": "relu"}),
    "sequence_classification": Case(46, "BertForSequenceClassification", labels=5),
    "token_classification": Case(47, "BertForTokenClassification", {"type_vocab_size": 1}, labels=7),
    "question_answering": Case(48, "BertForQuestionAnswering"),
    "multiple_choice": Case(49, "BertForMultipleChoice"),
}


# ---- config.json and names -------------------------------------------------------------------------------------------


def stored_config(case, config):
    added = encoders.DROPOUT | {"pad_token_id": 0, "use_cache": True}
    if case.naming in ("hub", "sentences"):
        added |= {
            "gradient_checkpointing": False,
            "position_embedding_type": "absolute",
            "transformers_version": "4.6.0.dev0",
        }
    else:
        added |= encoders.NEWER | {"bos_token_id": None, "eos_token_id": None}
    return encoders.stored_config(case, config, "bert", added)


def stored_tensors(case, state):
    if encoders.is_tied(case):
        state = encoders.without(state, ".predictions.decoder.")
    if case.naming == "stored_decoder":
        words = state["bert.embeddings.word_embeddings.weight"]
        decoder = encoders.drawn({"cls.predictions.decoder.weight": words.shape}, 1000 + case.seed)
        return state | {name: tensor * 0.35 for name, tensor in decoder.items()}
    if case.naming == "sentences":
        return state | encoders.position_ids("", SMALL["max_position_embeddings"])
    if case.naming == "hub":
        others = encoders.drawn_layer("cls.seq_relationship", 2, 24) | encoders.drawn_layer("bert.pooler.dense", 24, 24)
        state = state | encoders.drawn(others, case.seed)
        return encoders.older_norms(state | encoders.position_ids("bert.", LARGER["max_position_embeddings"]))
    return state


# ---- mechanisms that must show in the results ------------------------------------------------------------------------


def mechanisms(case, config):
    table = encoders.encoder_mechanisms(FAMILY, case, config, eps=1e-12)
    around = "intermediate.dense.bias" in case.adjusted
    table |= encoders.activations("intermediate_act_fn", config["hidden_act"], around)
    name = case.class_name
    if name in ("BertForMaskedLM", "BertForPreTraining"):
        table |= encoders.activations("transform_act_fn", config["hidden_act"], False)
    if name in ("BertModel", "BertForPreTraining", "BertForNextSentencePrediction", "BertForSequenceClassification",
                "BertForMultipleChoice"):
        table["tanh of the pooler"] = encoders.attribute("activation", nn.Identity())
        table["row of the pooler"] = encoders.last_row_first
    if config.get("tie_word_embeddings") is False or case.naming == "stored_decoder":
        table["own head"] = encoders.own_head("cls.predictions.decoder", "bert.embeddings.word_embeddings")
    if config.get("tie_word_embeddings") is False:
        table["own bias"] = lambda model, stack: model.cls.predictions.decoder.bias.copy_(model.cls.predictions.bias)
    return table


FAMILY = encoders.Family(
    folder=HERE,
    module=MODULE,
    config_class=BertConfig,
    config=SMALL,
    stored_config=stored_config,
    stored_tensors=stored_tensors,
    mechanisms=mechanisms,
    names={"query": "attention.self.query", "key": "attention.self.key", "output": "attention.output.dense",
           "heads": "num_attention_heads"},
    unexpected=("position_ids", "cls.seq_relationship.weight", "cls.seq_relationship.bias", "pooler.dense.weight",
                "pooler.dense.bias"),
)

if __name__ == "__main__":
    encoders.main(FAMILY, CASES)
