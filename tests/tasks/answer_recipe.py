"""What transformers' question-answering pipeline answers with the models of data/ (heads_recipe.py makes them).

That pipeline was in transformers until 4.57; version 5 has none. Run, with transformers 4.57.1, tokenizers 0.22.1 and
torch 2.15.0: python tests/tasks/answer_recipe.py

Writes data/<model>/answers.json. Answers of score 0 are left out: they are no spans of the context.
"""

import json
import pathlib
import sys
import warnings

import torch
import transformers

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from heads_texts import QUESTIONS  # noqa: E402

assert transformers.__version__ == "4.57.1"
torch.set_num_threads(1)
torch.set_grad_enabled(False)
warnings.simplefilter("ignore")
transformers.utils.logging.set_verbosity_error()
DATA = pathlib.Path(__file__).resolve().parent / "data"
OPTIONS = [
    {},
    {"top_k": 5},
    {"top_k": 40},
    {"top_k": 3, "handle_impossible_answer": True},
    {"top_k": 4, "max_answer_len": 2},
    {"top_k": 4, "align_to_words": False},
    {"top_k": 4, "max_seq_len": 48, "doc_stride": 5},
]


def answers(pipe, question, context, options):
    found = pipe(question=question, context=context, **options)
    found = found if isinstance(found, list) else [found]
    return [answer for answer in found if answer["score"] > 0]


def record(name):
    folder = DATA / name
    model = transformers.AutoModelForQuestionAnswering.from_pretrained(folder, attn_implementation="eager")
    tokenizer = transformers.PreTrainedTokenizerFast.from_pretrained(folder)
    pipe = transformers.QuestionAnsweringPipeline(model=model, tokenizer=tokenizer)
    lines = []
    for question, context in QUESTIONS:
        for options in OPTIONS:
            call = {"question": question, "context": context} | options
            call["result"] = answers(pipe, question, context, options)
            lines.append(json.dumps(call, ensure_ascii=False))
    (folder / "answers.json").write_text('{\n"answer": [\n' + ",\n".join(lines) + "\n]\n}\n", encoding="utf-8")
    print(f"{name}: {len(lines)} questions")


for name in ("bert_answer", "roberta_answer"):
    record(name)
