import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsmill.text.tokens import EDGES, MAX_TOKEN, _fold, _of_any, analysed, fold, query_tokens, tokens

TOKENS = {
    "": "",
    "The Quick, brown fox!": "the quick brown fox",
    "don't 3.14 a_b AT&T": "don t 3 14 a b at t",
    "Größe naïve Ångström Łódź Ærø": "grosse naive angstrom lodz aero",
    "İstanbul ISPARTA ısı": "istanbul isparta isi",
    "Ёлка Київ": "елка киів",
    "Ελλάδα ΟΔΟΣ": "ελλαδα οδοσ",
    "ﬁne ＡＢＣ ½": "fine abc 1 2",
    "so\u00adft zero\u200bwidth": "soft zerowidth",
    "مُحَمَّد كتـــاب": "محمد كتاب",
    "שָׁלוֹם": "שלום",
    "हिन्दी हिंदी समाचार २०२६": "हिंदि हिंदि समाचार 2026",
    "日本語": "日本 本语 语",
    "2026年に": "2026 年に に",
    "ｶﾞ": "ガ",
    "交通規劃 交通规划": "交通 通规 规划 划 交通 通规 规划 划",
    "髙橋 高橋": "高桥 桥 高桥 桥",
    "об’єднання Об'єднання здоровʼя Ґалаґан": "обєднання обєднання здоровя галаган",
    "مدرسة مدرسه كشور کشور ٢٠٢٦": "مدرسه مدرسه كشور كشور 2026",
    "کتاب\u200cهای": "كتاب هاي",
    "서울에서 온": "서울 울에 에서 서 온",
    "x" * 100: "x" * MAX_TOKEN,
    "𝕊ℌ": "sh",
    "😀 ok 👍🏽": "ok",
}


@pytest.mark.parametrize(("text", "expected"), TOKENS.items())
def test_tokens(text: str, expected: str) -> None:
    assert analysed(text) == expected


def contains(haystack: list[str], needle: tuple[str, ...]) -> bool:
    """As a phrase, the last token as a beginning."""
    return any(
        tuple(haystack[i : i + len(needle) - 1]) == needle[:-1] and haystack[i + len(needle) - 1].startswith(needle[-1])
        for i in range(len(haystack) - len(needle) + 1)
    )


@given(
    st.text("日本語年にalph 한글กรุง", max_size=30),
    st.text("日本語年にalph 한글กรุง", max_size=30),
    st.text("日本語年に한글กร", min_size=1, max_size=6),
)
def test_text_of_an_unspaced_script_is_found_wherever_it_occurs(before: str, after: str, part: str) -> None:
    assert contains(tokens(before + part + after), query_tokens(part))


@given(st.text(max_size=200))
def test_tokens_are_stable_and_hold_nothing_that_separates(text: str) -> None:
    for token in tokens(text):
        assert 0 < len(token) <= MAX_TOKEN
        assert not token.isspace()
        assert not set(token) & set("\"'*:(){}[]^\\ _")
    spaced = [token for token in tokens(text) if token.isascii()]
    assert tokens(" ".join(spaced)) == spaced


@given(st.text(st.characters(max_codepoint=0x2070), max_size=12))
def test_letters_that_fold_one_by_one_fold_as_in_their_word(word: str) -> None:
    assert fold(word) == _fold(word)


@given(st.text(st.one_of(st.characters(max_codepoint=0x700), st.sampled_from(EDGES + "ʼ_ß日")), max_size=12))
def test_the_short_way_gives_the_tokens_of_the_long_one(word: str) -> None:
    assert tokens(word) == [token for part in word.split() for token in _of_any(part)]
