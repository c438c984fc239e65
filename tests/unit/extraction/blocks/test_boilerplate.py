"""Lines that are the site's, in many languages."""

import pytest

from newsmill.extraction.blocks.boilerplate import article_lines, is_cookie_notice, is_teaser, script_of
from newsmill.extraction.blocks.plain_text import is_plain, paragraphs


@pytest.mark.parametrize(
    "line",
    [
        "Storms close three schools … read more",
        "Мер подав у відставку… читати далі",
        "Die Stadt baut um ... Weiterlesen »",
        "El puerto reabre… [Leer más]",
        "Le maire répond [...] Lire la suite →",
        "続きを読む",
        "阅读更多",
        "اقرأ المزيد",
        "Continue reading →",
        "Bridge plan approved … More on this »",
    ],
)
def test_teasers(line: str) -> None:
    assert is_teaser(line)


@pytest.mark.parametrize(
    "line",
    [
        "She wanted to read more books about the sea.",
        "And then… nothing happened for a long while.",
        "He trailed off...",
        "To read more is to live more, the author says, and few would disagree with him.",
    ],
)
def test_prose_is_no_teaser(line: str) -> None:
    assert not is_teaser(line)


@pytest.mark.parametrize(
    "line",
    [
        "We use cookies to improve your experience. Accept",
        "Ми використовуємо файли cookie. Погоджуюсь",
        "Diese Website verwendet Cookies.",
        "Сайт использует куки, продолжая, вы соглашаетесь с политикой",
        "本网站使用 cookie 同意",
    ],
)
def test_cookie_notices(line: str) -> None:
    assert is_cookie_notice(line)


def test_a_recipe_is_no_cookie_notice() -> None:
    assert not is_cookie_notice("Bake the cookies for twelve minutes and let them cool.")


def test_chrome_in_another_script_is_left_out() -> None:
    english = "The council approved a plan to rebuild the bridge across the river this spring."
    lines = ["Головна", "Новини дня", english, "Читайте нас у Telegram", english, "Усі права захищено"]
    assert article_lines(lines) == [2, 4]


def test_a_long_quotation_inside_the_article_stays() -> None:
    english = "The council approved a plan to rebuild the bridge across the river this spring. " * 3
    quotation = "Ми чекали на цей міст п'ять довгих років і нарешті його збудують для людей"
    assert article_lines([english, quotation, english]) == [0, 1, 2]


@pytest.mark.parametrize(
    ("text", "script"), [("abc", "LATIN"), ("абв", "CYRILLIC"), ("カタカナ漢字", "CJK"), ("123", ""), ("ابج", "ARABIC")]
)
def test_scripts(text: str, script: str) -> None:
    assert script_of(text) == script


def test_plain_text_keeps_paragraphs_and_drops_chrome() -> None:
    text = (
        "Bridge stays closed\n\nThe council met on Tuesday to discuss the bridge, which has been\n"
        "closed since the flood of last year.\n\nStorms close three schools … read more\n\n"
        "We use cookies. Accept all\n\nWork begins in spring.\n"
    )
    assert is_plain(text, "text/plain; charset=utf-8")
    assert paragraphs(text) == [
        "Bridge stays closed",
        "The council met on Tuesday to discuss the bridge, which has been closed since the flood of last year.",
        "Work begins in spring.",
    ]


def test_markup_called_plain_is_still_markup() -> None:
    assert not is_plain("<!doctype html><html><body><p>x</p></body></html>", "text/plain")
