"""Tiny ALBERT models and what transformers computes with them. Run: python recipe.py [case ...]"""

import sys
from pathlib import Path

from torch import nn
from transformers import AlbertConfig
from transformers.activations import ACT2FN

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
import encoders  # noqa: E402
from encoders import Case  # noqa: E402

MODULE = "transformers.models.albert.modeling_albert"
SMALL = {
    "embedding_size": 12,
    "hidden_size": 20,
    "num_attention_heads": 4,
    "num_hidden_layers": 2,
    "intermediate_size": 28,
    "max_position_embeddings": 48,
    "vocab_size": 41,
    "type_vocab_size": 2,
    "hidden_act": "gelu_new",
    "layer_norm_eps": 0.01,
}
LARGER = {
    "embedding_size": 15,
    "hidden_size": 24,
    "num_attention_heads": 3,
    "num_hidden_layers": 3,
    "num_hidden_groups": 2,  # the first of which has two layers
    "intermediate_size": 36,
    "max_position_embeddings": 80,
    "vocab_size": 67,
    "type_vocab_size": 3,
}
# The forms of GELU differ by less than 5e-4, and relatively most where the input is near -2.5: there they must show.
AROUND_GELU = {"ffn.weight": (0.3, 0.0), "ffn.bias": (1.0, -2.5), "ffn_output.weight": (8.0, 0.0)}
SHARPER = {"attention.query.weight": (3.0, 0.0)}  # a shared layer's attention is nearly uniform in later passes

CASES = {
    # albert/albert-base-v2: position_ids, tied decoder and bias stored, a pooler that the class does not have
    "hub": Case(91, "AlbertForMaskedLM", LARGER, naming="hub", length=53, attentions=True, adjusted=SHARPER),
    # the base class without prefix, older norms
    "sentences": Case(92, "AlbertModel", naming="sentences", adjusted=AROUND_GELU),
    # the base class out of a folder that was saved with a head, whose prefix it keeps
    "prefixed": Case(
        93,
        "AlbertModel",
        {"num_hidden_groups": 2, "inner_group_num": 2, "hidden_act": "relu", "embedding_size": 20},
        naming="prefixed",
        adjusted=SHARPER,
    ),
    # a decoder of its own and its bias; predictions.bias, which would be tied to that, is stored and not used
    "pretraining": Case(
        94,
        "AlbertForPreTraining",
        {"tie_word_embeddings": False, "hidden_act": "silu"},
        without_effect=("predictions.bias",),
    ),
    # tied by the config, yet the file holds another matrix: that one counts
    "stored_decoder": Case(
        95, "AlbertForMaskedLM", {"hidden_act": "gelu"}, naming="stored_decoder", is_changed_by_files=True
    ),
    "sequence_classification": Case(96, "AlbertForSequenceClassification", labels=5, adjusted=SHARPER),
    "token_classification": Case(
        97, "AlbertForTokenClassification", {"type_vocab_size": 1}, labels=7, adjusted=SHARPER
    ),
    "question_answering": Case(
        98, "AlbertForQuestionAnswering", {"inner_group_num": 2, "num_hidden_layers": 1}, adjusted=SHARPER
    ),
    "multiple_choice": Case(99, "AlbertForMultipleChoice"),
}


# ---- config.json and names -------------------------------------------------------------------------------------------


def stored_config(case, config):
    added = encoders.DROPOUT | {
        "bos_token_id": 2,
        "classifier_dropout_prob": 0.1,
        "eos_token_id": 3,
        "inner_group_num": 1,
        "num_hidden_groups": 1,
        "pad_token_id": 0,
    }
    if case.naming == "hub":
        added |= {"down_scale_factor": 1, "gap_size": 0, "net_structure_type": 0, "num_memory_blocks": 0}
    else:
        added |= {"dtype": "float32", "tie_word_embeddings": True, "transformers_version": "5.23.0"}
    return encoders.stored_config(case, config, "albert", added)


def stored_tensors(case, state):
    if encoders.is_tied(case) and case.naming != "hub":
        state = encoders.without(state, "predictions.decoder.")
    if case.naming == "hub":
        pooler = encoders.drawn(encoders.drawn_layer("albert.pooler", 24, 24), 1000 + case.seed)
        return state | pooler | encoders.position_ids("albert.", LARGER["max_position_embeddings"])
    if case.naming == "sentences":
        return encoders.older_norms(state | encoders.position_ids("", SMALL["max_position_embeddings"]))
    if case.naming == "prefixed":
        return {f"albert.{name}": tensor for name, tensor in state.items()}
    if case.naming == "stored_decoder":
        words = state["albert.embeddings.word_embeddings.weight"]
        decoder = encoders.drawn({"predictions.decoder.weight": words.shape}, 1000 + case.seed)
        return state | {name: tensor * 0.35 for name, tensor in decoder.items()}
    return state


# ---- mechanisms that must show in the results ------------------------------------------------------------------------


def change_lists(ending, change):
    """Other lists of modules in place of those whose name ends so."""

    def mutate(model, stack):
        for name, module in list(model.named_modules()):
            if name.endswith(ending):
                parent, _, last = name.rpartition(".")
                setattr(model.get_submodule(parent), last, nn.ModuleList(change(list(module))))

    return mutate


def one_pass_less(model, stack):
    """The shared layers run once less."""
    model.config.num_hidden_layers -= 1


def head_activation(name):
    def mutate(model, stack):
        model.predictions.activation = ACT2FN[name]

    return mutate


def layer_activations(right, around_gelu):
    table = encoders.activations("activation", right, around_gelu)

    def of_layers_alone(mutate):
        def mutated(model, stack):
            mutate(getattr(model, "albert", model), stack)

        return mutated

    return {name: of_layers_alone(mutate) for name, mutate in table.items()}


def mechanisms(case, config):
    table = encoders.encoder_mechanisms(FAMILY, case, config, eps=1e-12)
    table |= layer_activations(config["hidden_act"], "ffn.bias" in case.adjusted)
    table["map of the embedding"] = encoders.zeroed("embedding_hidden_mapping_in")
    table["order of the map's outputs"] = encoders.rolled("embedding_hidden_mapping_in")
    if config["embedding_size"] == config["hidden_size"]:
        table["map transposed"] = encoders.transposed("embedding_hidden_mapping_in")
    if config["num_hidden_layers"] > 1:
        table["repeated layers"] = one_pass_less
    if config.get("num_hidden_groups", 1) > 1:
        table["order of groups"] = change_lists("albert_layer_groups", lambda groups: groups[::-1])
        table["one group for all"] = change_lists("albert_layer_groups", lambda groups: groups[:1] * len(groups))
    if config.get("inner_group_num", 1) > 1:
        table["order of inner blocks"] = change_lists("albert_layers", lambda blocks: blocks[::-1])
        table["one inner block"] = change_lists("albert_layers", lambda blocks: blocks[:1])
    name = case.class_name
    if name.endswith(("MaskedLM", "PreTraining")):
        table["activation of the head"] = head_activation("tanh")
    if name.endswith(("Model", "PreTraining", "SequenceClassification", "MultipleChoice")):
        table["tanh of the pooler"] = encoders.attribute("pooler_activation", nn.Identity())
        table["row of the pooler"] = encoders.last_row_first
    if not encoders.is_tied(case) or case.naming == "stored_decoder":
        table["own head"] = encoders.own_head("predictions.decoder", "albert.embeddings.word_embeddings")
    if not encoders.is_tied(case):
        table["own bias"] = lambda model, stack: model.predictions.decoder.bias.copy_(model.predictions.bias)
    return table


FAMILY = encoders.Family(
    folder=HERE,
    module=MODULE,
    config_class=AlbertConfig,
    config=SMALL,
    stored_config=stored_config,
    stored_tensors=stored_tensors,
    mechanisms=mechanisms,
    names={"query": "attention.query", "key": "attention.key", "output": "attention.dense",
           "heads": "num_attention_heads"},
    unexpected=("position_ids", "albert.pooler.weight", "albert.pooler.bias"),
)

if __name__ == "__main__":
    encoders.main(FAMILY, CASES)
