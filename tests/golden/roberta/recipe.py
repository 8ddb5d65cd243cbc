"""Tiny RoBERTa models and what transformers computes with them. Run: python recipe.py [case ...]"""

import sys
from pathlib import Path
from unittest.mock import patch

import torch
from transformers import RobertaConfig

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
import encoders  # noqa: E402
from encoders import Case  # noqa: E402

PAD = 1
SMALL = {
    "hidden_size": 20,
    "num_attention_heads": 4,
    "num_hidden_layers": 1,
    "intermediate_size": 28,
    "max_position_embeddings": 48,
    "vocab_size": 41,
    "type_vocab_size": 1,
    "hidden_act": "gelu",
    "layer_norm_eps": 0.01,
    "pad_token_id": PAD,
}
LARGER = {
    "hidden_size": 24,
    "num_attention_heads": 3,
    "num_hidden_layers": 2,
    "intermediate_size": 36,
    "max_position_embeddings": 74,
    "vocab_size": 67,
    "hidden_act": "relu",  # the head keeps its GELU
}

CASES = {
    # FacebookAI/roberta-base: position_ids, lm_head.bias alone, a pooler that the class does not have
    "hub": Case(51, "RobertaForMaskedLM", LARGER, naming="hub", length=70, attentions=True),
    # the base class without prefix, gamma and beta, several token types
    "sentences": Case(52, "RobertaModel", {"type_vocab_size": 2}, naming="sentences"),
    # a decoder of its own and its bias; lm_head.bias, which would be tied to that, is stored and not used
    "own_decoder": Case(53, "RobertaForMaskedLM", {"tie_word_embeddings": False}, without_effect=("lm_head.bias",)),
    "sequence_classification": Case(54, "RobertaForSequenceClassification", labels=3),
    "token_classification": Case(55, "RobertaForTokenClassification", labels=7),
    "question_answering": Case(56, "RobertaForQuestionAnswering", {"hidden_act": "gelu_new"}),
    "multiple_choice": Case(57, "RobertaForMultipleChoice"),
}


# ---- config.json and names -------------------------------------------------------------------------------------------


def stored_config(case, config):
    added = encoders.DROPOUT | {"bos_token_id": 0, "eos_token_id": 2}
    if case.naming == "newer":
        added |= encoders.NEWER | {"use_cache": True}
    return encoders.stored_config(case, config, MODEL_TYPE, added)


def stored_tensors(case, state):
    if encoders.is_tied(case):
        state = encoders.without(state, "lm_head.decoder.")
    if case.naming == "hub":
        others = encoders.drawn(encoders.drawn_layer("roberta.pooler.dense", 24, 24), 1000 + case.seed)
        return state | encoders.position_ids("roberta.", LARGER["max_position_embeddings"]) | others
    if case.naming == "sentences":
        return encoders.older_norms(state | encoders.position_ids("", SMALL["max_position_embeddings"]))
    return state


# ---- mechanisms that must show in the results ------------------------------------------------------------------------


def positions_as(count):
    """Other positions than those of the padding token's rule."""

    def mutate(model, stack):
        embeddings = type(getattr(model, "roberta", model).embeddings)
        stack.enter_context(
            patch.object(embeddings, "create_position_ids_from_input_ids", staticmethod(lambda ids, *_: count(ids)))
        )

    return mutate


def mechanisms(case, config):
    table = encoders.encoder_mechanisms(FAMILY, case, config, eps=1e-12)
    table |= encoders.activations("intermediate_act_fn", config["hidden_act"], False)
    table["positions that count padding"] = positions_as(lambda ids: torch.arange(ids.shape[1])[None] + PAD + 1)
    table["positions from zero"] = positions_as(lambda ids: torch.cumsum(ids.ne(PAD), 1) * ids.ne(PAD))
    name = case.class_name
    if name.endswith("MaskedLM"):
        table["activation of the head"] = lambda model, stack: stack.enter_context(
            patch(f"{MODULE}.gelu", torch.nn.functional.relu)
        )
    if name.endswith(("Model", "MultipleChoice")):
        table["tanh of the pooler"] = encoders.attribute("activation", torch.nn.Identity())
    if name.endswith("SequenceClassification"):
        table["tanh of the head"] = lambda model, stack: stack.enter_context(patch(f"{MODULE}.torch.tanh", lambda x: x))
    if name.endswith(("Model", "MultipleChoice", "SequenceClassification")):
        table["row of the summary"] = encoders.last_row_first
    if config.get("tie_word_embeddings") is False:
        table["own head"] = encoders.own_head("lm_head.decoder", "roberta.embeddings.word_embeddings")
        table["own bias"] = lambda model, stack: model.lm_head.decoder.bias.copy_(model.lm_head.bias)
    return table


def family(folder, module, config_class):
    return encoders.Family(
        folder=folder,
        module=module,
        config_class=config_class,
        config=SMALL,
        stored_config=stored_config,
        stored_tensors=stored_tensors,
        mechanisms=mechanisms,
        names={"query": "attention.self.query", "key": "attention.self.key", "output": "attention.output.dense",
               "heads": "num_attention_heads"},
        unexpected=("position_ids", "pooler.dense.weight", "pooler.dense.bias"),
        pad=PAD,
    )


MODULE = "transformers.models.roberta.modeling_roberta"
MODEL_TYPE = "roberta"
FAMILY = family(HERE, MODULE, RobertaConfig)

if __name__ == "__main__":
    encoders.main(FAMILY, CASES)
