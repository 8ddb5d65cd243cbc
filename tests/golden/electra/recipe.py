"""Tiny ELECTRA models and what transformers computes with them. Run: python recipe.py [case ...]"""

import sys
from pathlib import Path

from transformers import ElectraConfig

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
import encoders  # noqa: E402
from encoders import Case  # noqa: E402

MODULE = "transformers.models.electra.modeling_electra"
SMALL = {
    "embedding_size": 12,
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
    "embedding_size": 15,
    "hidden_size": 24,
    "num_attention_heads": 3,
    "num_hidden_layers": 2,
    "intermediate_size": 36,
    "max_position_embeddings": 80,
    "vocab_size": 67,
    "type_vocab_size": 3,
}
GENERATOR = encoders.drawn_layer("generator_predictions.dense", 15, 24)

CASES = {
    # google/electra-small-discriminator: position_ids, older norms, and the generator's head beside its own
    "hub": Case(81, "ElectraForPreTraining", LARGER | {"hidden_act": "silu"}, naming="hub", length=70, attentions=True),
    # google/electra-small-generator: the tied matrix is stored all the same; the head keeps its GELU
    "generator": Case(82, "ElectraForMaskedLM", {"hidden_act": "relu"}, naming="generator"),
    "own_decoder": Case(83, "ElectraForMaskedLM", {"tie_word_embeddings": False, "type_vocab_size": 1}),
    # the base class without prefix; embeddings as wide as the layers, with nothing between
    "sentences": Case(84, "ElectraModel", {"embedding_size": 20}, naming="sentences"),
    # the base class out of a folder that was saved with a head, whose prefix it keeps
    "prefixed": Case(85, "ElectraModel", {"hidden_act": "gelu_new"}, naming="prefixed"),
    "sequence_classification": Case(86, "ElectraForSequenceClassification", {"hidden_act": "relu"}, labels=3),
    "token_classification": Case(87, "ElectraForTokenClassification", labels=7),
    "question_answering": Case(88, "ElectraForQuestionAnswering"),
    "multiple_choice": Case(89, "ElectraForMultipleChoice"),
    # two layers: in the last one, the last token sees the same with a causal mask
    "last_summary": Case(
        90,
        "ElectraForMultipleChoice",
        {"summary_type": "last", "summary_use_proj": False, "summary_activation": "tanh", "num_hidden_layers": 2},
    ),
}


# ---- config.json and names -------------------------------------------------------------------------------------------


def stored_config(case, config):
    added = encoders.DROPOUT | {"pad_token_id": 0, "summary_last_dropout": 0.1}
    if case.naming in ("hub", "generator"):
        added |= {"position_embedding_type": "absolute", "transformers_version": "4.7.0.dev0"}
    else:
        added |= encoders.NEWER | {"bos_token_id": None, "eos_token_id": None, "use_cache": True}
    added |= {"summary_activation": "gelu", "summary_type": "first", "summary_use_proj": True}
    return encoders.stored_config(case, config, "electra", added)


def stored_tensors(case, state):
    if encoders.is_tied(case) and case.naming != "generator":
        state = encoders.without(state, "generator_lm_head.weight")
    if case.naming == "hub":
        positions = encoders.position_ids("electra.", LARGER["max_position_embeddings"])
        return encoders.older_norms(state | positions | encoders.drawn(GENERATOR, 1000 + case.seed))
    if case.naming == "sentences":
        return encoders.older_norms(state | encoders.position_ids("", SMALL["max_position_embeddings"]))
    if case.naming == "prefixed":
        return {f"electra.{name}": tensor for name, tensor in state.items()}
    return state


# ---- mechanisms that must show in the results ------------------------------------------------------------------------


def mechanisms(case, config):
    table = encoders.encoder_mechanisms(FAMILY, case, config, eps=1e-12)
    table |= encoders.activations("intermediate_act_fn", config["hidden_act"], False)
    if config["embedding_size"] != config["hidden_size"]:
        table["map of the embedding"] = encoders.zeroed("embeddings_project")
        table["order of the map's outputs"] = encoders.rolled("embeddings_project")
    name = case.class_name
    if name.endswith(("PreTraining", "MaskedLM", "SequenceClassification", "MultipleChoice")):
        right = config["hidden_act"] if name.endswith("PreTraining") else config.get("summary_activation", "gelu")
        table |= encoders.activations("activation", right, False)
    if name.endswith(("SequenceClassification", "MultipleChoice")):
        table["row of the summary"] = encoders.last_row_first
    if name.endswith("MultipleChoice") and config.get("summary_use_proj", True):
        table["summary transposed"] = encoders.transposed("sequence_summary.summary")
    if config.get("tie_word_embeddings") is False:
        table["own head"] = encoders.own_head("generator_lm_head", "electra.embeddings.word_embeddings")
    return table


FAMILY = encoders.Family(
    folder=HERE,
    module=MODULE,
    config_class=ElectraConfig,
    config=SMALL,
    stored_config=stored_config,
    stored_tensors=stored_tensors,
    mechanisms=mechanisms,
    names={"query": "attention.self.query", "key": "attention.self.key", "output": "attention.output.dense",
           "heads": "num_attention_heads"},
    unexpected=("position_ids", *GENERATOR),
)

if __name__ == "__main__":
    encoders.main(FAMILY, CASES)
