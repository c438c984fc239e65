import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsmill.demo.template import UnknownName, render


@pytest.mark.parametrize(
    ("template", "values", "text"),
    [
        ("{{a}}", {"a": "1 < 2 & \"'"}, "1 &lt; 2 &amp; &quot;&#x27;"),
        ("{{{a}}}", {"a": "<b>"}, "<b>"),
        ("{{#all}}[{{.}}]{{/all}}", {"all": ["x", "y"]}, "[x][y]"),
        ("{{#all}}{{name}}{{outer}} {{/all}}", {"all": [{"name": "x"}, {"name": "y"}], "outer": "!"}, "x! y! "),
        ("{{#yes}}{{a}}{{/yes}}{{#no}}b{{/no}}", {"yes": True, "no": False, "a": "a"}, "a"),
        ("{{#all}}never{{/all}}", {"all": ()}, ""),
        ("nothing to fill", {}, "nothing to fill"),
    ],
)
def test_render(template: str, values: dict[str, object], text: str) -> None:
    assert render(template, values) == text


def test_a_name_that_is_not_given_is_an_error() -> None:
    with pytest.raises(UnknownName):
        render("{{missing}}", {})


@given(st.text())
def test_no_value_breaks_out_of_its_place(value: str) -> None:
    filled = render("<p title='{{a}}'>", {"a": value})
    assert filled.count("<") == filled.count(">") == 1
    assert filled.count("'") == 2
