"""Tiny DistilBERT models and what transformers computes with them. Run: python recipe.py [case ...]"""

import sys
from pathlib import Path
from unittest.mock import patch

import torch
from transformers import DistilBertConfig

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
import encoders  # noqa: E402
from encoders import Case  # noqa: E402

MODULE = "transformers.models.distilbert.modeling_distilbert"
SMALL = {
    "activation": "gelu",
    "dim": 20,
    "hidden_dim": 28,
    "max_position_embeddings": 48,
    "n_heads": 4,
    "n_layers": 1,
    "vocab_size": 41,
}
LARGER = {"dim": 24, "hidden_dim": 36, "max_position_embeddings": 80, "n_heads": 3, "n_layers": 2, "vocab_size": 67}
# LayerNorm's epsilon is no key here and far below any variance: inputs are drawn so small that it shows.
SMALL_INPUTS = {"embeddings.word_embeddings": (1e-5, 0.0), "embeddings.position_embeddings": (1e-5, 0.0)}

CASES = {
    # distilbert-base-uncased: position_ids, tie_weights_, and a head of another class beside its own
    "hub": Case(71, "DistilBertForMaskedLM", LARGER, naming="hub", length=70, attentions=True),
    "sentences": Case(72, "DistilBertModel", {"activation": "relu"}, naming="sentences", adjusted=SMALL_INPUTS),
    "own_decoder": Case(73, "DistilBertForMaskedLM", {"tie_word_embeddings": False, "activation": "silu"}),
    "sinusoids": Case(74, "DistilBertForSequenceClassification", {"sinusoidal_pos_embds": True}, labels=4),
    # no table of positions in the file: its sinusoids are computed
    "computed_sinusoids": Case(
        78,
        "DistilBertForSequenceClassification",
        {"sinusoidal_pos_embds": True},
        naming="computed_sinusoids",
        computed=("position_embeddings.weight",),
        is_changed_by_files=True,
    ),
    "token_classification": Case(75, "DistilBertForTokenClassification", labels=7),
    "question_answering": Case(76, "DistilBertForQuestionAnswering", {"activation": "gelu_new"}),
    "multiple_choice": Case(77, "DistilBertForMultipleChoice"),
}


def stored_config(case, config):
    added = {
        "attention_dropout": 0.1,
        "dropout": 0.1,
        "pad_token_id": 0,
        "qa_dropout": 0.1,
        "seq_classif_dropout": 0.2,
        "sinusoidal_pos_embds": False,
    }
    if case.naming == "hub":
        added |= {"tie_weights_": True, "transformers_version": "4.10.0.dev0"}
    else:
        added |= {"dtype": "float32", "tie_word_embeddings": True}
    return encoders.stored_config(case, config, "distilbert", added)


def stored_tensors(case, state):
    if encoders.is_tied(case):
        state = encoders.without(state, "vocab_projector.weight")
    if case.naming == "hub":
        others = encoders.drawn(encoders.drawn_layer("qa_outputs", 2, 24), 1000 + case.seed)
        positions = encoders.position_ids("distilbert.", LARGER["max_position_embeddings"])
        return encoders.older_norms(state | positions | others)
    if case.naming == "computed_sinusoids":
        return encoders.without(state, "position_embeddings")
    return state


def mechanisms(case, config):
    table = encoders.encoder_mechanisms(FAMILY, case, config, eps=1e-2)
    table |= encoders.activations("activation", config["activation"], False)
    name = case.class_name
    if name.endswith(("SequenceClassification", "MultipleChoice")):
        table["activation of the summary"] = lambda model, stack: stack.enter_context(
            patch(f"{MODULE}.nn.ReLU", torch.nn.Tanh)
        )
        table["row of the summary"] = encoders.last_row_first
    if config.get("tie_word_embeddings") is False:
        table["own head"] = encoders.own_head("vocab_projector", "distilbert.embeddings.word_embeddings")
    return table


FAMILY = encoders.Family(
    folder=HERE,
    module=MODULE,
    config_class=DistilBertConfig,
    config=SMALL,
    stored_config=stored_config,
    stored_tensors=stored_tensors,
    mechanisms=mechanisms,
    names={"query": "q_lin", "key": "k_lin", "output": "out_lin", "heads": "n_heads"},
    unexpected=("position_ids", "qa_outputs.weight", "qa_outputs.bias"),
)

if __name__ == "__main__":
    encoders.main(FAMILY, CASES)
