"""Language by the text: forty languages from fifty characters on."""

import json
from pathlib import Path

import pytest

from newsmill.text.language import detect_language, primary

SAMPLES: dict[str, str] = json.loads((Path(__file__).parent / "samples" / "languages.json").read_text("utf-8"))
SHORT_TEXT_TWINS = {"hr": {"sr", "bs"}, "sr": {"hr", "bs"}, "no": {"da"}, "id": {"ms"}, "sk": {"cs"}}


@pytest.mark.parametrize("code", SAMPLES)
def test_a_sentence_is_enough(code: str) -> None:
    assert detect_language(SAMPLES[code], "en") == (code, "text")


@pytest.mark.parametrize("code", SAMPLES)
def test_fifty_characters_are_mostly_enough(code: str) -> None:
    assert detect_language(SAMPLES[code][:50])[0] in {code, *SHORT_TEXT_TWINS.get(code, ())}


def test_the_declared_language_counts_only_without_text() -> None:
    assert detect_language("", "pt-BR") == ("pt", "declared")
    assert detect_language("12 : 34", "uk_UA") == ("uk", "declared")
    assert detect_language("", "") == ("", "")


def test_control_characters_do_no_harm() -> None:
    assert detect_language("\x00\x07\ufffe" + SAMPLES["uk"])[0] == "uk"


@pytest.mark.parametrize(("tag", "code"), [("en-GB", "en"), ("zh_Hant", "zh"), ("", ""), ("x", ""), ("123", "")])
def test_primary_subtag(tag: str, code: str) -> None:
    assert primary(tag) == code
