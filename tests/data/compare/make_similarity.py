#!/usr/bin/env python3
"""Writes similarity.json: pairs of texts in many scripts with what the reference packages say of them.

    pip install sacrebleu==2.6.0 rouge-score==0.1.2 rapidfuzz==3.14.6 uniseg==0.10.1 regex==2026.11.19
    ./make_similarity.py > similarity.json

Texts are made of the words below, with a fixed seed; one of a pair is a mutation of the other, or another text.
"""

import json
import random
from importlib.metadata import version

import regex
from rapidfuzz.distance import Levenshtein
from rouge_score import rouge_scorer
from sacrebleu import sentence_chrf
from uniseg.wordbreak import words as unicode_words

PACKAGES = ("sacrebleu", "rouge-score", "rapidfuzz", "uniseg", "regex")

# What makes a word of a segment; the rest is punctuation and blanks.
WORD = regex.compile(r"[\p{Alphabetic}\p{N}]")

# The words of a script, what joins them, and what ends a sentence.
SCRIPTS = {
    "english": ("the bridge opened in 1985 and costs 3.5 million dollars a year isn't safe at night "
                "because its lamps don't work Paris London river twelve", " ", ". "),
    "french": ("le pont fût ouvert à l'été déjà où çà cœur naïve garçon élève être 1985 français", " ", " ! "),
    "german": ("die Brücke wurde Straße größer über Äpfel ÖL heiß nicht möglich 1.985 Donaudampfschiff", " ", ". "),
    "turkish": ("İstanbul ılık ISPARTA ığdır şehir çiçek güneş öğrenci İZMİR 34", " ", ". "),
    "vietnamese": ("cầu được mở năm thành phố không nước đường việt một người", " ", ". "),
    "russian": ("мост открыли в году он стоит три миллиона рублей Москва ёлка ПОДЪЕЗД не 1985", " ", ". "),
    "greek": ("η γέφυρα άνοιξε το έτος Ελλάδα ΟΔΟΣ σοφός λόγος θάλασσα ναι όχι 1985", " ", "; "),
    "armenian": ("կամուրջը բացվել է քաղաք գետ ոչ այո տարի", " ", "։ "),
    "georgian": ("ხიდი გაიხსნა ქალაქი მდინარე არა დიახ წელი", " ", ". "),
    "arabic": ("الجسر افتتح في عام المدينة نهر لا نعم ١٩٨٥ كِتَابٌ", " ", "؟ "),
    "hebrew": ("הגשר נפתח בשנת עיר נהר לא כן שָׁלוֹם 1985", " ", ". "),
    "hindi": ("पुल खुला साल नदी शहर नहीं हाँ क्षेत्र विद्यार्थी १९८५", " ", "। "),
    "bengali": ("সেতু খোলা হয় নদী শহর না হ্যাঁ বছর", " ", "। "),
    "tamil": ("பாலம் திறந்தது நதி நகரம் இல்லை ஆம் ஆண்டு", " ", ". "),
    "thai": ("สะพาน เปิด เมื่อ ปี แม่น้ำ เมือง ไม่ ใช่ น้ำ ๑๙๘๕", "", " "),
    "chinese": ("这 座 桥 于 1985 年 开通 城市 河流 不 安全 是 的 每年 花费 三百万 元", "", "。"),
    "japanese": ("この 橋 は 1985 年 に 開通 した カタカナ ガ が 安全 では ない 東京 ー", "", "。"),
    "korean": ("이 다리는 1985년에 개통되었다 도시 강 아니요 네 안전하지 않다 각", " ", ". "),
    "amharic": ("ድልድዩ ተከፈተ ከተማ ወንዝ አይደለም አዎ ዓመት", " ", "። "),
    "code": ('let mut x = 5; fn main() { println!("{}", x_1); } if (a != b) && c[0]-- => 0xFF // note #include <stdio.h>',
             " ", "\n    "),
    "json": ('{"name": "Ada", "year": 1985, "tags": [1, 2.5, null, true] } "safe": false,', " ", "\n"),
    "markdown": ("# Title **bold** - item 1. first `code` | cell | [link](https://example.com/a?b=1) > quote ```", " ", "\n\n"),
    "numbers": ("1985 1,985 3.14 -7 50% 1e-9 1/2 2026-03-12 12:30 $5 0 00 ½ ² Ⅷ", " ", "\n"),
    "emoji": ("👩‍👩‍👧‍👦 👍🏽 🇩🇪 🇫🇷 ❤️ ☺ 🏳️‍🌈 1️⃣ 😀 ok yes", " ", " "),
    "combining": ("e\u0301cole a\u030a n\u0303 Z\u0351\u036b\u0343alg\u0328o \u0301 o\u0308\u0304 \u1100\u1161\u11a8 fi ﬁ", " ", ". "),
    "letterlike": ("\u212a\u212aelvin \u212b Ａｂｃ１２ ǅ ß ẞ ŉ ΐ ﬀ \U0001d400\U0001d401 \U00010400 Ꮳ ꭰ", " ", " "),
    "blanks": ("a\tb c\u00a0d e\u2003f g\u3000h i\u2028j k\u0085l m\x1cn o\x1fp q\u200br s\ufefft u\u180ev", "\n", "\r\n"),
    "controls": ("a\x00b \x07bell \x1b[31mred\x1b[0m \u202eright\u202c \ufffd \ue000 \U0010ffff x\x7f \x08", " ", "\x0b"),
}

# Pairs that a generator would not find.
PLAIN = [
    ("", ""), ("", "a"), ("a", ""), (" ", ""), ("", "\n\t "), (" \u00a0", "\u3000\x1c"), ("a", "a"), ("a", "b"), ("ab", "ba"),
    ("abcde", "abcde"), ("abcdef", "abcdef"), ("abcdefg", "abcdef"), ("aaaaaaa", "aaa"), ("a" * 64, "a" * 65),
    ("a" * 63 + "b", "a" * 64), ("ab" * 100, "ba" * 100), ("a b c", "a  b\nc"), ("!!!", "???"), ("!!!", "!!!"), ("I", "ı"),
    ("It opened at no cost to the city.", "It opened at a cost to the city."), ("Yes.", "No."), ("42", "42."), ("\x1c", "\x1d"),
    ("ΟΔΥΣΣΕΥΣ", "οδυσσευς"), ("STRASSE", "straße"), ("İ", "i"), ("\u212a", "k"), ("don't", "don’t"), ("中", "国"), ("中国", "中 国"),
]


def sentence(chance, script, words):
    vocabulary, joint, end = SCRIPTS[script]
    vocabulary = vocabulary.split(" ")
    text = ""
    for place in range(words):
        text += chance.choice(vocabulary)
        text += end if chance.random() < 0.12 else joint if place + 1 < words else ""
    return text


def mutate(chance, script, text):
    """One of: words changed, dropped, moved; characters changed; case; white space; a part repeated."""
    joint = SCRIPTS[script][1]
    kind = chance.randrange(7)
    if kind in (0, 1, 2):
        parts = text.split(" ") if joint else list(text)
        for _ in range(1 + len(parts) // 8):
            place = chance.randrange(len(parts))
            if kind == 0:
                parts[place] = sentence(chance, script, 1)
            elif kind == 1 and len(parts) > 1:
                del parts[place]
            else:
                parts.insert(chance.randrange(len(parts)), parts.pop(place))
        return (" " if joint else "").join(parts)
    if kind == 3:
        letters = list(text)
        for _ in range(1 + len(letters) // 10):
            letters[chance.randrange(len(letters))] = chance.choice("xyz é中👍\n")
        return "".join(letters)
    if kind == 4:
        return text.upper() if chance.random() < 0.5 else text.lower()
    if kind == 5:
        return text.replace(" ", chance.choice(["  ", "\n", "\u00a0", ""]))
    start = chance.randrange(len(text))
    return text + text[start:]


def pairs():
    chance = random.Random(20261122)
    yield from (("plain", *pair) for pair in PLAIN)
    scripts = list(SCRIPTS)
    for script in scripts:
        for _ in range(14):
            text = sentence(chance, script, chance.randint(1, 24))
            yield script, text, mutate(chance, script, text)
        for _ in range(3):
            yield script, sentence(chance, script, chance.randint(1, 16)), sentence(chance, script, chance.randint(1, 16))
        text = sentence(chance, script, chance.randint(70, 110))
        yield f"{script}, long", text, mutate(chance, script, mutate(chance, script, text))
        other = chance.choice(scripts)
        yield f"{script} and {other}", sentence(chance, script, 9), sentence(chance, other, 9)


def jaccard(left, right):
    sets = [{word for word in unicode_words(text.lower()) if WORD.search(word)} for text in (left, right)]
    union = sets[0] | sets[1]
    return len(sets[0] & sets[1]) / len(union) if union else 1.0


def main():
    rouge = rouge_scorer.RougeScorer(["rougeL"], use_stemmer=False)
    rows = []
    for script, left, right in pairs():
        rows.append({
            "of": script,
            "left": left,
            "right": right,
            "chrf": sentence_chrf(left, [right]).score / 100,
            "rouge_l": rouge.score(right, left)["rougeL"].fmeasure,
            "levenshtein": Levenshtein.normalized_similarity(left, right),
            "jaccard": jaccard(left, right),
        })
    head = {"made_by": "make_similarity.py", "packages": {name: version(name) for name in PACKAGES}}
    lines = ",\n".join(shown(row) for row in rows)
    print(f'{{"head": {shown(head)},\n"pairs": [\n{lines}\n]}}')


def shown(value):
    """JSON in which everything that cannot be seen is escaped."""
    def escaped(char):
        return char if char.isprintable() else json.dumps(char)[1:-1]
    return "".join(escaped(char) for char in json.dumps(value, ensure_ascii=False))


if __name__ == "__main__":
    main()
