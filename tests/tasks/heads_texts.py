"""The texts that the recordings of tasks are made of: what small vocabularies are trained on, and what is asked."""

TRAINING = """
The old lighthouse of Port Ellen stands on the western shore. Its keeper, Mary Stewart, climbs the stairs every evening.
In 1832 the harbour was built by Captain James MacDonald, who came from Glasgow with three ships and forty men.
Do you know where the library is? The library is near the market, beside the bridge over the river.
Anna Schmidt works for Siemens in München and lives with her family in a small house near the station.
The weather is not good today, but tomorrow the sun will shine over London, Paris and Berlin again.
I did not like this film at all: it was long, loud and boring. The music, however, was wonderful!
What is the capital of France? Paris is the capital of France, and Rome is the capital of Italy.
She said that the price of bread, milk and cheese had doubled since the war, and nobody was surprised.
Can we meet at nine o'clock in the café? Yes, naïve as it sounds, the best coffee is there.
The unhappiest players were replaced; the remaining ones kept playing, running, jumping and laughing.
""".strip().splitlines()

TEXTS = [
    "",
    " ",
    ".",
    "Paris",
    "I did not like this film at all.",
    "The music, however, was wonderful!",
    "Anna Schmidt works for Siemens in München.",
    "Mary Stewart and Captain MacDonald came from Glasgow to Port Ellen.",
    "  Two  spaces   between\twords\nand lines  ",
    "Yes, naïve as it sounds: café, crème brûlée, Ålesund.",
    "Ich wohne in Köln, and you?",
    "日本語のテキスト and English",
    "emoji 🙂👩‍👩‍👧 and combining e\u0301 a\u030a",
    "Здравствуйте, how are you?",
    "don't, can't; o'clock -- (brackets) [and] {more}",
    "supercalifragilisticexpialidocious unhappiest",
    "The price of bread, milk and cheese: 1,234.56 $!",
    "... !!! ???",
    "London Paris Berlin Rome",
    "What is the capital of France? Paris is the capital of France.",
]

LONG = " ".join(TRAINING[:6])  # longer than the models read

PAIRS = [
    ("Do you know where the library is?", "The library is near the market."),
    ("Do you know where the library is?", "Rome is the capital of Italy."),
    ("", "The sun will shine."),
    ("The sun will shine.", ""),
    ("", ""),
    ("café 🙂", "日本語"),
    ("Paris is the capital of France.", "Paris is not the capital of Italy, and nobody was surprised."),
]

QUESTIONS = [
    ("Who keeps the lighthouse?", TRAINING[0]),
    ("Who built the harbour?", TRAINING[1]),
    ("Where does Anna work?", "  " + TRAINING[3] + "  "),
    ("Wo wohnt sie?", "Ich wohne in Köln \u2013 am Rhein 🙂, nahe dem Dom. 日本語です。"),
    ("What?", "Paris"),
    ("What?", "Paris paris PARIS, Paris"),
    ("Which city?", "\u1e9e e\u0301te\u0301 na\u00efve caf\u00e9; \ufb01sh and a\u030angstro\u0308m"),
    ("Who?", "don't (can't) [won't]... o'clock!"),
    ("Where is the harbour?", LONG),
    ("What was wonderful?", LONG + " " + LONG),
]
