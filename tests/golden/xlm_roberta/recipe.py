"""Tiny XLM-RoBERTa models: the cases of roberta/recipe.py under this model's names. Run: python recipe.py [case ...]"""

import importlib.util
import sys
from pathlib import Path

from transformers import XLMRobertaConfig

HERE = Path(__file__).resolve().parent
specification = importlib.util.spec_from_file_location("roberta_recipe", HERE.parent / "roberta" / "recipe.py")
roberta = importlib.util.module_from_spec(specification)
specification.loader.exec_module(roberta)
encoders = roberta.encoders
Case = encoders.Case

CASES = {
    # position_ids, lm_head.bias alone, and a pooler that the class does not have
    "hub": Case(61, "XLMRobertaForMaskedLM", roberta.LARGER | {"vocab_size": 53}, naming="hub", length=70),
    "sentences": Case(62, "XLMRobertaModel", naming="sentences"),
    "sequence_classification": Case(63, "XLMRobertaForSequenceClassification", labels=3),
    "token_classification": Case(64, "XLMRobertaForTokenClassification", {"type_vocab_size": 2}, labels=9),
    "question_answering": Case(65, "XLMRobertaForQuestionAnswering"),
    "multiple_choice": Case(66, "XLMRobertaForMultipleChoice"),
}

roberta.MODULE = "transformers.models.xlm_roberta.modeling_xlm_roberta"
roberta.MODEL_TYPE = "xlm-roberta"
roberta.FAMILY = roberta.family(HERE, roberta.MODULE, XLMRobertaConfig)

if __name__ == "__main__":
    encoders.main(roberta.FAMILY, CASES)
