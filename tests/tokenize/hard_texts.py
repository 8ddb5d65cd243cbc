"""The texts that tokenizers are compared on: half are put together from written sentences, half are generated.

Deterministic. Texts are bytes: some are not UTF-8, and count as bytes.decode("utf-8", "replace"). The two halves have
1,150 texts each; `long_runs` are further texts that tests build from a rule, because they are too long to store.
"""

import random

WRITTEN = [
    "The metaverse is a shared, persistent, three-dimensional space that people visit together.",
    "I'm sure they'll say we've been here; you'd think it's theirs, don't you? He'S, I'LL, WE'VE, THEY'RE, YOU'D, I'M, CAN'T",
    "Don’t “quote” me — it’s 3.14159… or maybe 1,234,567.89 €?",
    "x = [i**2 for i in range(10) if i % 3 == 0]  # squares\n\tprint(f\"{x!r:>20}\")\n\n\n    return None",
    "#include <vector>\nint main() { std::vector<int> v{1, 2, 3}; return v[0] == 1 ? 0 : -1; }\r\n",
    "<html><body class=\"a b\"><p>Hello&nbsp;world</p></body></html>",
    "{\"key\": [1, 2.5, -3e10, null, true], \"nested\": {\"a\": \"\\u00e9\"}}",
    "SELECT * FROM users WHERE name LIKE '%O''Brien%' AND id >= 10000;",
    "https://www.example.com/path/to/page?query=1&other=%20#fragment user@example.org",
    "Übergrößenträger fahren öfter über Straßen; Fußgänger grüßen höflich. ÄÖÜẞ",
    "L’été dernier, où étiez-vous ? À Besançon, près de l’hôtel — c’était très réussi.",
    "¿Dónde está el niño? ¡Qué sorpresa! El pingüino comió piñas en la montaña.",
    "O coração não está à venda; amanhã há pães e maçãs às três.",
    "Zażółć gęślą jaźń. Příliš žluťoučký kůň úpěl ďábelské ódy.",
    "Árvíztűrő tükörfúrógép. Það er kalt á Íslandi, ég sé snæ.",
    "İstanbul'da ılık bir gün; IĞDIR, ığdır, i̇stanbul",
    "Съешь же ещё этих мягких французских булок, да выпей чаю. Ё-моё!",
    "Хто там живе? Її їжак їсть ґудзики.",
    "Ξεσκεπάζω τὴν ψυχοφθόρα βδελυγμία. Ο Οδυσσέας, ΟΔΥΣΣΕΥΣ.",
    "欢迎来到元宇宙!您有什么问题吗?虚拟助手:你好,世界。",
    "敏捷的棕色狐狸跳過了懶狗。繁體中文測試,一二三四五六七八九十。",
    "いろはにほへと ちりぬるを。カタカナ、ひらがな、漢字が混ざる文です。ﾊﾝｶｸ",
    "다람쥐 헌 쳇바퀴에 타고파. 한국어 문장입니다. ㅋㅋㅋ ㅠㅠ",
    "نص حكيم له سر قاطع وذو شأن عظيم مكتوب على ثوب أخضر ومغلف بجلد أزرق.",
    "اللُّغَةُ العَرَبِيَّةُ جَمِيلَةٌ ١٢٣٤٥٦٧٨٩٠",
    "دیوار بلند و نی‌نوازِ پیر؛ می‌خواهم ۱۲۳۴",
    "דג סקרן שט בים מאוכזב ולפתע מצא חברה. שָׁלוֹם עֲלֵיכֶם",
    "ऋषियों को सताने वाले दुष्ट राक्षसों के राजा रावण का सर्वनाश। क्षत्रिय १२३",
    "আমার সোনার বাংলা, আমি তোমায় ভালোবাসি। ১২৩",
    "யாமறிந்த மொழிகளிலே தமிழ்மொழி போல் இனிதாவது எங்கும் காணோம்",
    "เป็นมนุษย์สุดประเสริฐเลิศคุณค่า กว่าบรรดาฝูงสัตว์เดรัจฉาน ๑๒๓",
    "ខ្ញុំអាចញ៉ាំកញ្ចក់បាន ដោយគ្មានបញ្ហា",
    "ကျွန်တော် မှန်စားနိုင်တယ်။ ဒါက ဘာမှမဖြစ်ဘူး။",
    "ཤེལ་སྒོ་ཟ་ནས་ང་ན་གི་མ་རེད།",
    "მე შემიძლია მინა ვჭამო. Ես կարող եմ ապակի ուտել։",
    "Tiếng Việt có dấu: Tôi có thể ăn thủy tinh mà không hại gì. ĐƯỜNG PHỐ",
    "👩‍👩‍👧‍👦 family, 👍🏽 thumbs, 🏳️‍🌈 flag, 🇩🇪🇫🇷 flags, 1️⃣ keycap, ❤️‍🔥 heart, 🧑🏿‍🚀",
    "H₂O, x² + y² = z², ½ + ¼ = ¾, Ⅳ Ⅻ ⅷ, ①②③, ㊿, 𝟘𝟙𝟚, ٣٤٥",
    "∀x∈ℝ: ⌈x⌉ = −⌊−x⌋, α ∧ ¬β = ¬(¬α ∨ β), ∮E·da = Q, n → ∞, ∑ f(i) = ∏ g(i)",
    "ﬁ ﬂ ﬀ ﬃ ſt Ǆ ǅ ĳ ŉ K Å Ω ﷺ ㎏ ㍿",
    "'s 't 're 've 'm 'll 'd 'S 'T 'RE 'Ve 'M 'LL 'lL 'D 'ſ ''s 'sx 'tt 're're 'x ' s",
    "1 12 123 1234 12345 123456 1234567 0x1F 1e-10 3,000 10% 50m² v1.2.3-rc4 2026-11-23T21:55:17Z",
    "a\tb\t\tc\t\t\td  e   f    g     h \n i\n\nj\n\n\nk\r\nl\r\n\r\nm \n \n n\t\n\to   ",
    "...!!!???---___***///\\\\\\|||~~~```^^^$$$###@@@&&&+++===<<<>>>((())){{{}}}[[[]]]",
    "CamelCaseWordsAndsnake_case_words_and_SCREAMING_CASE kebab-case.dotted.names path/to/file.txt",
    "<|im_start|>system\nYou are a guide.<|im_end|>\n<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n",
    "<|begin_of_text|><|start_header_id|>user<|end_header_id|>\n\nHello<|eot_id|><|end_of_text|>",
    "Text with <|endoftext|> in it, <|endoftext|><|endoftext|> twice, and <|endoftext| broken <|im_end |>",
    "<s> [INST] </s> <mask> <pad> [CLS] [SEP] [MASK] <unk> <tool_call>{\"name\": \"f\"}</tool_call> <think>\n</think>",
    "\u0000\u0001\u0002 control \u0007\u0008\u001b[31m red \u007f \u0085 next \u009f \u00ad soft",
    "zero\u200bwidth\u200c\u200d\u2060\ufeff \u200e\u200f\u202a\u202e marks \u061c \u180e",
    "spaces:\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000end",
    "e\u0301 \u00e9 e\u0323\u0302 \u1ec7 a\u0328\u0301 o\u0308\u0304 \u022b \u1e69 s\u0323\u0307 q\u0307\u0323 \u212b \u1100\u1161\u11a8 각",
    "Z\u0351\u036b\u0343\u036a\u0302\u0302a\u0356\u031e\u0339\u034el\u030d\u0334\u0348g\u0318\u031bo\u0322\u0328!",
    "\U0001d4d0\U0001d4d1 \U00010348 \U0001f600 \U0010ffff \ud7ff \ue000 \ufffd \uffff \U00010000 \U000e0041",
    "MiXeD CaSe TeXt wItH 123numbers456inside789 and sym_bols-attached+like=this.",
    "The quick brown fox jumps over the lazy dog. " * 3,
    "    indented\n        more\n\tTabbed\n  \t mixed\n\n\n\n\nfar below",
]

BLOCKS = [
    (0x20, 0x7E), (0xA0, 0x17F), (0x300, 0x36F), (0x370, 0x3FF), (0x400, 0x4FF), (0x590, 0x5FF), (0x600, 0x6FF),
    (0x900, 0x97F), (0xE00, 0xE7F), (0x1100, 0x11FF), (0x1E00, 0x1FFF), (0x2000, 0x206F), (0x20A0, 0x20FF),
    (0x2100, 0x22FF), (0x2460, 0x27BF), (0x3000, 0x30FF), (0x4E00, 0x9FFF), (0xAC00, 0xD7A3), (0xF900, 0xFAFF),
    (0xFB00, 0xFDFF), (0xFE00, 0xFE6F), (0xFF00, 0xFFEF), (0x10000, 0x100FF), (0x1D400, 0x1D7FF), (0x1F300, 0x1FAFF),
    (0xE0000, 0xE01EF), (0x0, 0x1F), (0x7F, 0xA0),
]  # fmt: skip
SPACES = " \t\n\r\u00a0\u2003\u3000\u2028\u0085\u000b\u000c"
PEOPLE = ["👩", "👨", "🧑", "👧", "👦", "🤶", "🧜"]
TONES = ["", "🏻", "🏼", "🏽", "🏾", "🏿"]
MARKERS = [
    "<|im_start|>", "<|im_end|>", "<|endoftext|>", "<|eot_id|>", "<|begin_of_text|>", "<|im_", "|>", "<s>", "</s>",
    "<mask>", "[LEFT]", "[RIGHT]", "[BOTH]", "word", "Straße", "<extra>", "<tool_call>", "<é>", "   ",
]  # fmt: skip


def character(rng):
    low, high = rng.choice(BLOCKS)
    return chr(rng.randint(low, high))


def graphemes(rng):
    return "".join(character(rng) + "".join(chr(rng.randint(0x300, 0x36F)) for _ in range(rng.randint(0, 4))) for _ in range(rng.randint(1, 12)))


def emoji(rng):
    people = [rng.choice(PEOPLE) + rng.choice(TONES) for _ in range(rng.randint(1, 4))]
    flag = "".join(chr(0x1F1E6 + rng.randint(0, 25)) for _ in range(rng.randint(1, 5)))
    return "\u200d".join(people) + rng.choice(["", "\ufe0f", " "]) + flag + rng.choice("0123456789#*") + "\ufe0f\u20e3"


def blanks(rng):
    runs = [rng.choice(SPACES) * rng.choice([1, 1, 2, 3, 7, 30]) for _ in range(rng.randint(1, 5))]
    return "".join(run + rng.choice(["", "a", "1", ".", "'s", "字", "é"]) for run in runs)


def numbers(rng):
    digits = rng.choice(["0123456789", "٠١٢٣٤٥٦٧٨٩", "०१२३४५६७८९", "０１２３４５６７８９", "²³¹⁴½Ⅷ①"])
    return " ".join("".join(rng.choice(digits) for _ in range(rng.randint(1, 9))) + rng.choice(["", ".", ",", "%", "x"]) for _ in range(rng.randint(1, 6)))


def contractions(rng):
    tails = ["s", "S", "t", "T", "re", "RE", "Re", "ve", "vE", "m", "M", "ll", "LL", "lL", "d", "D", "ſ", "x", ""]
    return "".join(rng.choice(["I", "we", " they", "", " ", "1", "!", "é"]) + rng.choice(["'", "'", "’", "''"]) + rng.choice(tails) for _ in range(rng.randint(1, 8)))


def marked(rng):
    parts = []
    for _ in range(rng.randint(2, 8)):
        parts.append(rng.choice(MARKERS) if rng.random() < 0.6 else rng.choice(["", " ", "  ", "\n", "a", "Ab ", " cd", ".", "\t", "é", "\u3000"]))
    return "".join(parts)


def any_characters(rng):
    return "".join(chr(rng.choice([rng.randint(0, 0x7F), rng.randint(0, 0xD7FF), rng.randint(0xE000, 0x10FFFF)])) for _ in range(rng.randint(1, 24)))


def edges(rng):
    near = [0, 0x7F, 0x80, 0x7FF, 0x800, 0xD7FF, 0xE000, 0xFFFD, 0xFFFE, 0xFFFF, 0x10000, 0x10FFFF]
    return "".join(chr(rng.choice(near)) + rng.choice(["", "a", " "]) for _ in range(rng.randint(1, 8)))


def words(rng):
    letters = rng.choice(["abcdefghijklmnopqrstuvwxyz", "aeiou", "ABCdef", "абвгд", "αβγδε", "áéíóú", "اأبتث", "字漢語文"])
    return "".join(rng.choice(["", " ", " ", "-", "_"]) + "".join(rng.choice(letters) for _ in range(rng.randint(1, 14))) for _ in range(rng.randint(1, 8)))


def broken(rng):
    text = bytearray(rng.choice(WRITTEN).encode("utf-8", "surrogatepass")[: rng.randint(1, 60)])
    for _ in range(rng.randint(1, 4)):
        wrong = rng.choice([b"\xff", b"\xc0\x80", b"\xe2\x82", b"\xf0\x9f\x98", b"\xed\xa0\x80", b"\x80", b"\xf4\x90\x80\x80", b"\xf8\x88", b"\xc3", b"\xe0\x9f"])
        at = rng.randint(0, len(text))
        text[at:at] = wrong
    return bytes(text)


GENERATORS = [graphemes, emoji, blanks, numbers, contractions, marked, any_characters, edges, words, broken]


def encoded(text):
    return text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")


def written(rng, count):
    texts = list(WRITTEN)
    while len(texts) < count:
        kind = rng.randrange(4)
        sentence = rng.choice(WRITTEN)
        if kind == 0:
            a, b = sorted(rng.choices(range(len(sentence) + 1), k=2))
            texts.append(sentence[a : min(b, a + 90)])
        elif kind == 1:
            texts.append(sentence[:40] + rng.choice(["", " ", "\n", "  ", "'"]) + rng.choice(WRITTEN)[:40])
        elif kind == 2:
            a = rng.randrange(len(sentence))
            texts.append(rng.choice([str.upper, str.lower, str.title, str.swapcase])(sentence[a : a + 60]))
        else:
            a = rng.randrange(len(sentence))
            texts.append(rng.choice(SPACES) * rng.randint(0, 3) + sentence[a : a + 50] + rng.choice(SPACES) * rng.randint(0, 3))
    return texts


def hard_texts(count=1150):
    """2 * count texts as bytes; the empty text is among them."""
    rng = random.Random(20260101)
    texts = written(rng, count - 1) + [""]
    texts += [GENERATORS[k % len(GENERATORS)](rng) for k in range(count)]
    return [encoded(text) for text in texts]


def long_runs():
    """(rule, text): the tests write the same rules down again."""
    letters = "".join(chr(ord("a") + (k * k + 3 * k) % 26) for k in range(26000))
    return [
        ("a", "a" * 26000),
        ("letters", letters),
        ("spaces", " " * 26000),
        ("spaces_then_letter", " " * 26000 + "x"),
        ("newlines", "\n" * 26000),
        ("ideographs", "".join(chr(0x4E00 + (k * 7) % 20000) for k in range(26000))),
        ("digits", "".join(str(k % 10) for k in range(26000))),
        ("signs", "!?" * 13000),
        ("marks", "e" + "\u0301" * 26000),
    ]
