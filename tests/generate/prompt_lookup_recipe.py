"""Records what transformers' PromptLookupCandidateGenerator drafts: python prompt_lookup_recipe.py > prompt_lookup.json

Needs torch and transformers 5.23.0.
"""

import json
import random

import torch
from transformers.generation.candidate_generator import PromptLookupCandidateGenerator


def drafted(ids, tokens, ngram):
    generator = PromptLookupCandidateGenerator(
        num_output_tokens=tokens, max_matching_ngram_size=ngram, max_length=1000000
    )
    candidates, _ = generator.get_candidates(torch.tensor([ids]))
    return candidates[0, len(ids) :].tolist()


def cases():
    numbers = random.Random(5)
    for index in range(240):
        vocabulary = (2, 5, 20)[index % 3]
        ids = [numbers.randrange(vocabulary) for _ in range(numbers.randrange(1, 40))]
        tokens, ngram = numbers.choice((1, 2, 10, 100)), numbers.choice((1, 2, 3, 50))
        yield {"ids": ids, "tokens": tokens, "max_matching_ngram": ngram, "drafted": drafted(ids, tokens, ngram)}


print("[\n" + ",\n".join(json.dumps(case, separators=(",", ":")) for case in cases()) + "\n]")
