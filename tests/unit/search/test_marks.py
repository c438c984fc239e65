"""Which indexes of a cluster are ours, and which takes what is written."""

from typing import Any

import pytest

from newsmill.search.opensearch.marks import Names, is_ours, leftovers, lost, marked, missing, names_of, number_of

OURS = {"properties": {"deleted": {}, "rank": {}, "document": {}}}


def behind(*flags: bool | None, building: bool = False) -> dict[str, Any]:
    """The alias `mill` on mill-000001 and so on. flags: is_write_index of each; None: it does not say."""
    found: dict[str, Any] = {
        f"mill-{n:06}": {"aliases": {"mill": {} if flag is None else {"is_write_index": flag}}}
        for n, flag in enumerate(flags, 1)
    }
    return found | ({"mill-000009": {"aliases": {"mill-building": {}}}} if building else {})


@pytest.mark.parametrize(
    ("found", "live", "building"),
    [
        ({}, (), ""),
        (behind(True), ("mill-000001",), ""),
        (behind(None), ("mill-000001",), ""),  # an index of before there were several
        (behind(False, True), ("mill-000001", "mill-000002"), ""),
        (behind(True, False), ("mill-000002", "mill-000001"), ""),  # what is written to comes last, whatever its number
        (behind(True, None, building=True), ("mill-000002", "mill-000001"), "mill-000009"),
    ],
)
def test_names(found: dict[str, Any], live: tuple[str, ...], building: str) -> None:
    assert names_of(found, "mill") == Names(live, building)


def test_what_an_operator_has_to_mend_is_told() -> None:
    assert 'none of them is its write index: POST _aliases {"actions"' in names_of(behind(None, None), "mill").wrong
    other = behind(True) | {"mill-backup": {"aliases": {"mill": {}}}}
    assert "names mill-backup as well" in names_of(other, "mill").wrong
    assert names_of(other, "mill").live == ("mill-000001",)


@pytest.mark.parametrize(
    ("name", "number"),
    [("mill-000012", 12), ("mill-7", 7), ("mill-backup", None), ("mill-staging-1", None), ("mill", None)],
)  # fmt: skip
def test_numbers(name: str, number: int | None) -> None:
    assert number_of(name, "mill") == number


def test_nothing_is_made_where_something_of_that_name_is() -> None:
    assert lost([], "mill") == ""
    assert lost(["mill-backup", "mill-staging-000001"], "mill") == ""
    assert "mill-000002 is still there" in lost(["mill-000002"], "mill")
    assert "is the name of an index" in lost(["mill"], "mill")


def test_ours_by_its_mark_or_by_its_fields() -> None:
    assert is_ours(OURS, "mill")
    assert is_ours(marked({}, {"alias": "mill"}), "mill")
    assert not is_ours(marked(OURS, {"alias": "mill-staging"}), "mill")
    assert not is_ours({"properties": {"rank": {}}}, "mill")


def test_missing_fields() -> None:
    wanted = {
        "properties": {"a": {"type": "long"}, "b": {"properties": {"c": {"type": "text"}, "d": {"type": "text"}}}}
    }
    assert missing(wanted, wanted) == []
    there = {"properties": {"a": {"type": "keyword"}, "b": {"properties": {"c": {"type": "text"}}}, "more": {}}}
    assert missing(there, wanted) == ["a", "b.d"]


def test_leftovers_are_what_a_live_index_has_replaced() -> None:
    replaced = marked(OURS, {"alias": "mill", "replaced_by": "mill-000003"})
    mappings = {
        "mill-000001": replaced,
        "mill-000002": marked(OURS, {"alias": "mill"}),  # ours, and it may only have lost its alias
        "mill-000003": marked(OURS, {"alias": "mill"}),
        "mill-000004": OURS,
        "mill-000005": marked(OURS, {"alias": "other", "replaced_by": "mill-000003"}),
    }
    bare: dict[str, Any] = {name: {"aliases": {}} for name in mappings}
    assert leftovers(mappings, bare, "mill", live=["mill-000003"]) == ["mill-000001"]
    assert leftovers(mappings, bare, "mill", live=["mill-000002"]) == []
    held = bare | {"mill-000001": {"aliases": {"snapshot": {}}}}
    assert leftovers(mappings, held, "mill", live=["mill-000003"]) == []
