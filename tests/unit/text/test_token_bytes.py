"""Prepared texts hold the tokens that tokens.py cuts, where FTS5's tokenizer finds them, and each has its number."""

import re
import sqlite3

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from newsmill.text.token_bytes import BLOCK, numbers, prepared
from newsmill.text.tokens import MAX_TOKEN, tokens

RUNS = re.compile("[0-9a-z\x80-\U0010ffff]+")
PIECES = st.sampled_from(
    [
        *"aZ9_ -'`’ʼ.\n\t\x00\x1f",
        *"éÉßŉıİſøæþ½²™€…—“”´¨\u0301\u0345\u00ad\u200b\u200c\u200d\ufeff\u00a0",
        *"їґЁй\u0306ςΣάﬁ\u064b\u0640يىﷲ",
        *"日本ガｶﾞ\u0e01하\u1112\u1161हिन्द\u09c7\u09be",
        *"❤\ufe0f🙂→★\u20dd𝔘Ⅷ",
        "п'ять",
        "don’t",
        "x" * 70,
        "й" * 70,
    ]
)


@given(st.lists(PIECES, max_size=12).map("".join) | st.text(max_size=40))
@example("don’t п’ять п'ять 3½ ŉ ﬁne")
@example("é" + "x" * 80 + " y")
def test_the_tokens_of_a_prepared_text_are_those_of_the_text(text: str) -> None:
    assert RUNS.findall(prepared(text)) == tokens(text)


@pytest.mark.parametrize("text", ["It’s “Größe” — naïve_ café, CO₂ 10½", "п'ять хвилин", "日本語 and F-16", "a\x00b"])
def test_fts5_finds_them_there(text: str) -> None:
    db = sqlite3.connect(":memory:")
    db.execute("CREATE VIRTUAL TABLE words USING fts5 (text, content = '', tokenize = 'ascii')")
    db.execute("CREATE VIRTUAL TABLE terms USING fts5vocab (words, instance)")
    db.execute("INSERT INTO words (rowid, text) VALUES (1, ?)", (prepared(text),))
    assert [term for (term,) in db.execute("SELECT term FROM terms ORDER BY offset")] == tokens(text)


@given(st.lists(st.sampled_from(["a", "b", "ab", "ba", "é", "東京", "x" * MAX_TOKEN]), max_size=30))
def test_equal_tokens_have_equal_numbers_and_others_do_not(words: list[str]) -> None:
    found = numbers(prepared(" ".join(words)), 1000)
    cut = tokens(" ".join(words))
    assert len(found) == len(cut)
    assert len(set(zip(cut, found.tolist(), strict=True))) == len(set(cut)) == len(set(found.tolist()))


def test_a_token_has_one_number_wherever_it_stands() -> None:
    """At every place around the end of a block, too."""
    for before in range(BLOCK - 8, BLOCK + 2):
        text = "x" + " " * before + "harbour " + "seven " * BLOCK
        one, two, three = numbers(prepared(text), 3).tolist()
        assert [one, two, three] == numbers("x harbour seven", 3).tolist()


def test_no_more_are_made_than_are_asked_for() -> None:
    assert len(numbers(prepared("one two three"), 2)) == 2
    assert len(numbers("", 2)) == 0
