"""Texts to measure tokenizers on: made by rule, in many scripts, with words as frequent as words of a language are.

Word number r of a language comes with a probability in proportion to 1 / (r + 2.7) (the law of Zipf and Mandelbrot), so
that a cache of words finds as many as it would in life. A part of the words is written, the rest is put together from
syllables. Three of ten texts are English; the others are in turn German, French, Russian, Arabic, Hindi, Chinese,
Japanese, Korean, Thai, code, and lines of numbers, signs and emoji.
"""

import random

WRITTEN = {
    "english": """the of and to in a is that for it as was with be by on not he his but at are this have from or had an
    they which one you were all her she there would their we him been has when who will no more if out so up said what
    its about than into them can only other time new some could these two may first then do any like my now over such
    our man me even most made after also did many off before must well back through years where much your way down
    should because long each just state those people too world own make between being life under same might still
    house found water place while right though little without something another against around however always nothing
    I'm don't it's we've they'll you'd isn't can't metaverse visitor conversation language model translation embedding
    question answer guide museum gallery yesterday tomorrow""",
    "german": """der die und in den von zu das mit sich des auf für ist im dem nicht ein eine als auch es an werden aus
    er hat dass sie nach wird bei einer um am sind noch wie einem über einen so zum haben nur oder aber vor zur bis mehr
    durch man sein wurde Straße Größe Übung schön Fußgängerübergang Geschwindigkeitsbegrenzung""",
    "french": """de la le et les des en un du une que est pour qui dans a par plus pas au sur ne se ce il sont avec été
    l'été d'accord c'est qu'il déjà où être très après même côté élève français""",
    "russian": """и в не на я быть он с что а по это она этот к но они мы весь который из у то за свой так же от вся бы
    человек время год рука дело жизнь день голова вопрос""",
    "arabic": """في من على أن إلى التي عن لا ما هذا كان مع هذه كل بعد أو قال الذي بين كما لم قد اللغة العربية""",
    "hindi": """के में है की को से और का ने पर यह नहीं भी एक कि हैं हो था कर लिए तो इस वह क्या भाषा""",
    "korean": """이 그 저 것 수 등 때 사람 우리 한국어 문장 있는 하는 안녕하세요 감사합니다""",
}
SYLLABLES = {
    "english": "ing er ed ly tion an re in con de ter al ous ment per pro com ble able ness un ver sta tri".split(),
    "german": "ung ge ver be schaft keit heit lich ein aus auf stein berg über ßen für tät zeu stro".split(),
    "french": "é ment re con tion eur euse ique pré dé ou ai ier ère ette lon gne que".split(),
    "russian": "ов пре ние ост ать ель про на ком рас ди ста ной ий ые при во ло ми ра".split(),
    "arabic": "ال مس تا كت ين ون ات سل مو را هم قا نا بي دي".split(),
    "hindi": "प्र का री ने ति सं वि दे ना मा कर ता या भा जी".split(),
    "korean": [chr(0xAC00 + 571 * k % 11172) for k in range(120)],
    "thai": "การ ที่ ความ ไม่ เป็น ได้ ประ ใน คน มา ของ ว่า กับ ให้ เรา ๑๒ สวัส ดี ครับ".split(),
    "chinese": [chr(0x4E00 + 37 * k % 20900) for k in range(2500)],
    "japanese": [chr(0x3041 + k) for k in range(83)] + [chr(0x30A1 + k) for k in range(83)]
    + [chr(0x4E00 + 53 * k % 20900) for k in range(900)],
}
EMOJI = ["😀", "👍🏽", "🇩🇪", "🇫🇷", "❤️", "👩‍👩‍👧", "🚀", "✨", "🎉", "🏳️‍🌈"]
NAMES = "index value result buffer self count size name token text node begin end width update".split()
CODE = [
    "    for {a} in range({n}):\n        {b}[{a}] += {a} * {n}\n",
    "def {a}_{b}(self, {c}: int = {n}) -> None:\n    \"\"\"Returns the {a}.\"\"\"\n    return self.{b}.{c}({n})\n",
    "  if (!{a}.empty() && {b} != {n}) {{ std::swap({a}, {b}); }}  // {c}\n",
    "{{\"{a}\": {n}, \"{b}\": [\"{c}\", null, {n}.5e-3]}}\n",
    "<div class=\"{a}-{b}\" id='{c}{n}'>&amp;</div>\n",
]


class Words:
    """The words of one language, each with its probability."""

    def __init__(self, rng, language, count=12000):
        words = WRITTEN.get(language, "").split()
        syllables = SYLLABLES[language]
        shortest, longest = (1, 3) if language in ("chinese", "japanese") else (2, 4)
        while len(words) < count:
            words.append("".join(rng.choice(syllables) for _ in range(rng.randint(shortest, longest))))
        self.words = words
        total, self.sums = 0.0, []
        for rank in range(count):
            total += 1 / (rank + 2.7)
            self.sums.append(total)

    def draw(self, rng, count):
        return rng.choices(self.words, cum_weights=self.sums, k=count)


def sentence(rng, words, language):
    drawn = words.draw(rng, rng.randint(6, 24))
    if language in ("chinese", "japanese", "thai"):
        return "".join(word + rng.choice(["", "", "", "，" if language != "thai" else " "]) for word in drawn) + "。"
    drawn = [word + "," if rng.random() < 0.06 else word for word in drawn]
    if rng.random() < 0.2:
        drawn.insert(rng.randrange(len(drawn)), rng.choice([str(rng.randrange(3000)), "(see below)", "–", "\"yes\""]))
    text = " ".join(drawn)
    return text[0].upper() + text[1:] + rng.choice([".", ".", ".", "!", "?"])


def code(rng):
    parts = []
    for _ in range(rng.randint(2, 6)):
        a, b, c = rng.choices(NAMES, k=3)
        parts.append(rng.choice(CODE).format(a=a, b=b, c=c, n=rng.randrange(1000)))
    return "".join(parts)


def signs(rng):
    parts = []
    for _ in range(rng.randint(4, 14)):
        parts.append(rng.choice([
            lambda: f"{rng.uniform(-1e4, 1e4):.3f}", lambda: f"{rng.randrange(10**9):,}", lambda: rng.choice(EMOJI),
            lambda: f"20{rng.randrange(30):02}-{rng.randrange(1, 13):02}-11T08:15Z", lambda: "..." * rng.randint(1, 3),
            lambda: f"https://example.org/{rng.choice(NAMES)}?{rng.choice(NAMES)}={rng.randrange(99)}",
        ])())
    return " ".join(parts)


def texts(size, seed=7):
    """Texts of one to a few sentences, `size` bytes together."""
    rng = random.Random(seed)
    languages = ["english", "german", "french", "russian", "arabic", "hindi", "chinese", "japanese", "korean", "thai"]
    words = {language: Words(rng, language) for language in languages}
    others = languages[1:] + ["code", "signs"]
    made, total = [], 0
    while total < size:
        kind = "english" if rng.random() < 0.3 else rng.choice(others)
        if kind == "code":
            text = code(rng)
        elif kind == "signs":
            text = signs(rng)
        else:
            text = " ".join(sentence(rng, words[kind], kind) for _ in range(rng.randint(1, 4)))
        made.append(text)
        total += len(text.encode())
    return made
