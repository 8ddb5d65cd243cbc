"""The parts of the comparison, in the order in which they run.

Each is a module with SECONDS, about what it takes on two threads of a quiet machine; `cases(catalogue)`; and, where
engines can show what they compute, `check(catalogue, sessions)`, which reports how well they agree before anything is
measured and shuts out those that compute something else.
"""

from . import (
    context_ladder,
    decode,
    embed,
    mixed_lengths,
    prefill,
    sequences_ladder,
    size_ladder,
    threads,
    translate,
)

PARTS = {
    "decode": decode,
    "prefill": prefill,
    "sequences": sequences_ladder,
    "embed": embed,
    "lengths": mixed_lengths,
    "translate": translate,
    "threads": threads,
    "size": size_ladder,
    "context": context_ladder,
}
