"""What every search store does: the same hits for the same queries, and writes that may come twice or late."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta

import pytest

from newsmill.model import Document, Rebuild, Span
from newsmill.search.rungs import Rung
from newsmill.search.store import DELETED, Facet, Result, SearchStore, Sort, rank
from newsmill.search.tree import BadQuery
from newsmill.stores.errors import StoreError
from newsmill.testing.search_corpus import CORPUS, article


def found(store: SearchStore, query: str, **view: object) -> set[str]:
    """Ids of what a query finds, in order."""
    page = store.search(query, limit=100)
    assert len(page.ids) == len(page.hits) == page.total
    return set(page.ids)


OpenStore = Callable[[], AbstractContextManager[SearchStore]]

QUERIES = {
    # words
    "harbour": {"harbour", "ships"},
    "HARBOUR master": {"harbour", "ships"},
    "harbour nowhere": {"harbour", "ships"},
    '"harbour master"': {"harbour"},
    '"master harbour"': set(),
    "grossenstadt": {"harbour"},
    "größenstadt": {"harbour"},
    "naive cafe": {"harbour"},
    "shipping": {"harbour", "ships"},
    "zeppelins": {"description"},
    "ship*": {"harbour", "ships"},
    "ship": {"harbour", "ships"},
    "=ship": set(),
    '"ship"': set(),
    "harbour-master": {"harbour", "ships"},
    # operators
    "harbour -visitor": {"ships"},
    'harbour -"harbour master"': {"ships"},
    "zeppelins OR visitor": {"harbour", "description"},
    "harbour (visitor OR wind)": {"harbour", "ships"},
    "harbour -(visitor OR wind)": set(),
    "visitor OR site:tokyo.example": {"harbour", "tokyo"},
    "harbour OR": {"harbour", "ships"},
    # fields
    "site:example.org harbour": {"harbour", "ships"},
    "site:news.example.org": {"ships"},
    "site:www.example.org zeppelins": {"description"},
    "site:ample.org": set(),
    "lang:ja": {"tokyo"},
    "-lang:en -lang:ja -lang:ko -lang:th -lang:hi -lang:ar": {"kyiv", "undated"},
    'source:"kyiv daily"': {"kyiv"},
    "source:other": {"undated"},
    "author:jane": {"harbour"},
    'author:"max muller"': {"harbour"},
    'author:"max doe"': set(),
    "jane": set(),
    "before:2026": {"kyiv"},
    "after:2026-11-03 before:2026-11-04": {"harbour"},
    "after:2026-11-20": {"undated"},
    "after:2026-11-04 harbour": set(),
    # scripts
    "метро": {"kyiv"},
    "елка": {"kyiv"},
    "東京": {"tokyo"},
    "日本": {"tokyo"},
    "本語": {"tokyo"},
    "語日": set(),
    "駅": {"tokyo"},
    "2026年": {"tokyo"},
    "ニュース": {"tokyo"},
    "서울": {"seoul"},
    "กรุงเทพ": {"bangkok"},
    "สถานี": {"bangkok"},
    "समाचार": {"delhi"},
    "افتتح": {"cairo"},
    # forms, and second spellings
    "harbours": {"harbour", "ships"},
    "zeppelin": {"description"},
    "Größenstädte": {"harbour"},
    "'master said'": {"harbour"},
    # what looks like syntax of a store, or like none
    "3.14": {"prices"},
    "C++": {"prices"},
    "AT&T": {"prices"},
    "don't-ask@example.org": {"prices"},
    'NEAR("harbour" "master")': {"harbour", "ships"},
    "title:harbour": {"harbour"},
    "title:master": set(),
    "url:tokyo.EXAMPLE": {"tokyo"},
    "harbour AND master": {"harbour", "ships"},
    "{title} : 'harbour' OR DROP TABLE articles_1": {"ships"},
    "": {document.id for document in CORPUS},
}


def results(verdicts: object) -> list[Result]:
    """What became of each write."""
    return [verdict.result for verdict in verdicts]  # type: ignore[attr-defined]


def read_all(store: SearchStore, spans: Sequence[Span], most: int = 7) -> Iterator[Document]:
    """All documents, span by span."""
    for span in spans:
        rest: Span | None = span
        while rest:
            documents, rest = store.read(rest, most)
            yield from documents


class Newer(Document):
    """A document of a version to come."""

    mood: str = "calm"


class SearchStoreContract:
    """What every search store keeps.

    An heir gives `open_store`, a fixture of class scope or wider that makes empty stores, each for a block.
    """

    @pytest.fixture
    def store(self, open_store: OpenStore) -> Iterator[SearchStore]:
        """An empty store of the kind that is tested."""
        with open_store() as opened:
            yield opened

    @pytest.fixture
    def corpus(self, store: SearchStore) -> SearchStore:
        """The store with the corpus in it."""
        assert {verdict.result for verdict in store.upsert(CORPUS)} == {Result.WRITTEN}
        return store

    @pytest.fixture(scope="class")
    @classmethod
    def library(cls, open_store: OpenStore) -> Iterator[SearchStore]:
        """The corpus, for tests that only read it."""
        with open_store() as opened:
            opened.upsert(CORPUS)
            yield opened

    @pytest.mark.parametrize(("query", "ids"), QUERIES.items(), ids=[repr(query) for query in QUERIES])
    def test_a_query_finds(self, library: SearchStore, query: str, ids: set[str]) -> None:
        assert found(library, query) == ids

    @pytest.mark.parametrize(
        "query", ["x" * 2001, "after:someday", "*", "\\", "-???", "before:2026-13", " ".join("abc" * 30), "(" * 50]
    )
    def test_a_query_that_cannot_be_answered_is_refused(self, library: SearchStore, query: str) -> None:
        with pytest.raises(BadQuery):
            library.search(query)

    def test_a_hit_says_what_is_shown(self, library: SearchStore) -> None:
        (hit,) = library.search('"harbour master"', marks=("[", "]")).hits
        assert hit.url == "https://example.org/harbour"
        assert hit.title == "New harbour opens in Größenstadt"
        assert hit.snippet.startswith("The [harbour master] said")
        assert hit.published == datetime(2026, 11, 3, 8, 30, tzinfo=UTC)
        assert hit.language == "en"
        assert hit.score > 0
        assert hit.snippet_html.startswith("The <mark>harbour master</mark> said")
        fields = {"url", "title", "snippet", "snippet_html", "score", "published", "language", "rung", "found_in"}
        assert set(hit.model_dump()) == fields

    def test_a_word_that_no_article_has_is_told_and_what_was_meant(self, library: SearchStore) -> None:
        page = library.search("harbuor master")
        assert (page.rung, page.missing, page.meant) == (Rung.MOST, ("harbuor",), "harbour master")
        assert set(page.ids) == {"harbour", "ships"}
        assert {hit.rung for hit in page.hits} == {Rung.MOST}
        page = library.search("harbour masters")
        assert (page.rung, page.missing, page.meant) == (Rung.FORMS, (), "")
        assert library.search("harbour master").rung is Rung.EXACT

    def test_newer_articles_come_first_where_words_say_the_same(self, store: SearchStore) -> None:
        days = [datetime(2026, 11, 20, tzinfo=UTC) - timedelta(days=365 * year) for year in range(5)]
        old_first = [article(f"a{day:%Y}", text="A volcano.", published=day) for day in reversed(days)]
        late = article("late", text="A volcano.", published=datetime(2199, 1, 1, tzinfo=UTC))
        store.upsert([*old_first, late.model_copy(update={"fetched": datetime(2020, 1, 1, tzinfo=UTC)})])
        assert store.search("volcano").ids == ("a2026", "a2025", "a2024", "a2023", "a2022", "late")
        assert store.search("volcano", sort=Sort.DATE).ids[-1] == "late"

    def test_an_index_that_this_version_made_is_not_outdated(self, library: SearchStore) -> None:
        assert library.outdated() == ""

    def test_a_word_in_the_title_weighs_more(self, store: SearchStore) -> None:
        filler = "words that are found in every article of this test " * 3
        store.upsert(
            [
                article("in-text", title="Something else", text=f"{filler} volcano {filler}"),
                article("in-title", title="Volcano something", text=f"{filler} {filler}"),
                *(article(f"other{i}", text=filler) for i in range(20)),
            ]
        )
        assert store.search("volcano").ids == ("in-title", "in-text")

    def test_pages_and_dates(self, store: SearchStore) -> None:
        days = [
            article(f"d{day:02}", text="daily news", published=datetime(2026, 10, day, tzinfo=UTC))
            for day in range(1, 31)
        ]
        store.upsert(days)
        first = store.search("daily", limit=7, sort=Sort.DATE)
        second = store.search("daily", limit=7, offset=7, sort=Sort.DATE)
        assert first.total == second.total == 30
        assert first.ids + second.ids == tuple(f"d{day:02}" for day in range(30, 16, -1))
        with pytest.raises(BadQuery):
            store.search("daily", limit=10, offset=10_000)

    def test_a_search_within_its_time_is_whole(self, library: SearchStore) -> None:
        assert not library.search("harbour", facets=True, collapse=True).cut
        assert library.search("harbour", within_s=60.0).ids == library.search("harbour").ids

    def test_facets_count_all_hits(self, library: SearchStore) -> None:
        facets = library.search("metro OR метро OR harbour", limit=1, facets=True).facets
        assert facets is not None
        assert facets.site == (
            Facet(value="example.org", count=2),
            Facet(value="kyiv.example", count=1),
            Facet(value="news.example.org", count=1),
        )
        assert facets.language == (Facet(value="en", count=2), Facet(value="uk", count=1))
        assert facets.month == (Facet(value="2026-11", count=3), Facet(value="2025-12", count=1))

    def test_a_newer_version_replaces_and_an_older_one_does_not(self, store: SearchStore) -> None:
        assert results(store.upsert([article("a", 2, text="second")])) == [Result.WRITTEN]
        assert results(store.upsert([article("a", 1, text="first")])) == [Result.STALE]
        assert found(store, "first") == set()
        assert results(store.upsert([article("a", 3, text="third")])) == [Result.WRITTEN]
        assert found(store, "second") == set()
        assert found(store, "third") == {"a"}
        assert store.count() == 1
        assert store.get_many(["a", "b"]) == {"a": article("a", 3, text="third")}

    def test_of_one_version_the_newer_extractor_counts(self, store: SearchStore) -> None:
        store.upsert([article("a", 5, text="better", extractor=2)])
        assert results(store.upsert([article("a", 5, text="worse", extractor=1)])) == [Result.STALE]
        store.upsert([article("a", 5, text="same extractor, other rules", extractor=2)])
        assert found(store, "rules") == {"a"}

    def test_a_repeated_write_changes_nothing(self, store: SearchStore) -> None:
        store.upsert([article("a"), article("b")])
        assert all(verdict.settled for verdict in store.upsert([article("a"), article("b"), article("a")]))
        assert store.count() == 2
        assert found(store, "note") == {"a", "b"}

    def test_a_deletion_is_a_write_too(self, store: SearchStore) -> None:
        store.upsert([article("a", 2), article("b", 2)])
        assert results(store.delete([("a", 3), ("b", 1), ("never-seen", 7)])) == [
            Result.WRITTEN,
            Result.STALE,
            Result.WRITTEN,
        ]
        assert store.get("a") is None
        assert found(store, "note") == {"b"}
        assert results(store.upsert([article("a", 2), article("never-seen", 6)])) == [Result.STALE, Result.STALE]
        assert all(verdict.settled for verdict in store.delete([("a", 3)]))
        assert store.count() == 1
        assert results(store.upsert([article("a", 4)])) == [Result.WRITTEN]
        assert store.count() == 2

    def test_who_is_refused_as_older_learns_what_is_there(self, store: SearchStore) -> None:
        store.upsert([article("a", 7, extractor=2)])
        store.delete([("b", 9)])
        verdicts = [*store.upsert([article("a", 5), article("b", 8)]), *store.delete([("a", 6)])]
        assert [(v.result, v.there) for v in verdicts] == [
            (Result.STALE, rank(7, 2)),
            (Result.STALE, rank(9, DELETED)),
            (Result.STALE, rank(7, 2)),
        ]

    def test_an_extractor_that_finds_nothing_may_be_corrected_by_a_newer_one(self, store: SearchStore) -> None:
        store.upsert([article("a", 5, extractor=1)])
        store.delete([("a", 5)], extractor=2)
        assert store.count() == 0
        assert results(store.upsert([article("a", 5, extractor=1)])) == [Result.STALE]
        assert results(store.upsert([article("a", 5, extractor=3)])) == [Result.WRITTEN]

    def test_an_unknown_document_is_none(self, store: SearchStore) -> None:
        assert store.get("nothing") is None
        assert store.count() == 0
        assert store.upsert([]) == []

    def test_a_rebuild_is_swapped_in_at_once(self, corpus: SearchStore) -> None:
        corpus.upsert([article("gone", 1), article("kept-out", 1)])
        corpus.delete([("gone", 2)])
        assert corpus.rebuild() is None
        corpus.begin_rebuild()
        assert corpus.rebuild() == Rebuild(live=12, built=0)
        assert found(corpus, "harbour") == {"harbour", "ships"}

        corpus.upsert(CORPUS[:5])  # as the queues bring them again
        corpus.upsert([article("gone", 1), article("fresh", 3, text="while it was built")])
        corpus.delete([("ships", 2_000)])
        corpus.begin_rebuild()  # an interrupted one goes on
        assert corpus.rebuild() == Rebuild(live=12, built=5)
        assert found(corpus, "harbour") == {"harbour"}
        assert found(corpus, "zeppelins") == {"description"}

        assert corpus.commit_rebuild() == Rebuild(live=12, built=5)
        assert corpus.rebuild() is None
        assert found(corpus, "harbour OR ships") == {"harbour"}
        assert found(corpus, "built") == {"fresh"}
        assert found(corpus, "zeppelins") == set()
        assert corpus.count() == 5
        assert results(corpus.upsert([article("ships", 1_000)])) == [Result.STALE]
        assert corpus.check() == ()
        with pytest.raises(StoreError):
            corpus.commit_rebuild()

    def test_a_rebuild_can_be_dropped(self, corpus: SearchStore) -> None:
        corpus.begin_rebuild()
        corpus.upsert([article("fresh")])
        corpus.abort_rebuild()
        corpus.abort_rebuild()
        assert corpus.rebuild() is None
        assert corpus.count() == len(CORPUS) + 1
        corpus.begin_rebuild()
        assert corpus.rebuild() == Rebuild(live=len(CORPUS) + 1, built=0)

    @pytest.mark.parametrize("parts", [1, 4, 50])
    def test_spans_hold_every_article_once(self, store: SearchStore, parts: int) -> None:
        assert store.spans(parts) == []
        many = [
            article(f"m{i}", 1_700_000_000_000_000 + i // 30) for i in range(100)
        ]  # many fetched at the same moment
        store.upsert([*many, article("gone", 1_700_000_000_000_000)])
        store.delete([("gone", 1_700_000_000_000_001)])
        spans = store.spans(parts)
        assert 1 <= len(spans) <= parts
        assert sorted(read_all(store, spans), key=lambda a: a.id) == sorted(many, key=lambda a: a.id)
        first, rest = store.read(spans[0], 1)
        assert rest is not None
        assert first[0] not in list(read_all(store, [rest]))

    def test_what_is_written_while_spans_are_read_is_in_both_indexes(self, store: SearchStore) -> None:
        store.upsert([article(f"a{i}", 10) for i in range(20)])
        with pytest.raises(StoreError, match="no index is being built"):
            store.fill([article("a1", 10)])
        store.begin_rebuild()
        spans = store.spans(3)
        first, rest = store.read(spans[0], 2)
        store.upsert([article(f"a{i}", 11, text="newer") for i in range(0, 20, 2)] + [article("fresh", 12)])
        store.delete([("a19", 11)])
        assert rest is not None
        later = list(read_all(store, [rest, *spans[1:]]))
        verdicts = store.fill([*first, *later, article("a19", 10), article("a18", 10)])
        assert results(verdicts[-2:]) == [Result.STALE, Result.STALE]
        assert store.commit_rebuild() == Rebuild(live=20, built=20)
        assert len(found(store, "newer")) == 10
        assert store.get("a19") is None

    def test_a_store_rolls_over_only_if_it_is_told_to(self, store: SearchStore) -> None:
        store.upsert([article("a")])
        assert store.roll() == ""
        assert store.count() == 1

    def test_old_deletions_are_forgotten(self, store: SearchStore) -> None:
        day = datetime(2026, 11, 1, tzinfo=UTC)
        old, new = int(day.timestamp() * 1e6), int(day.timestamp() * 1e6) + 1
        store.upsert([article("kept", old)])
        store.delete([("old", old), ("new", new)])
        end = time.monotonic() + 10  # OpenSearch keeps what it has deleted for a moment, by a coarse clock
        while True:
            store.compact(deletions_before=datetime.fromtimestamp(new / 1e6, UTC))
            of_old, of_new = results(store.upsert([article("old", 1), article("new", 1)]))
            assert of_new is Result.STALE
            if of_old is Result.WRITTEN:
                break
            assert time.monotonic() < end, "an old deletion is never forgotten"
        assert store.count() == 2
        assert store.check() == ()

    def test_what_is_old_leaves_the_index_a_portion_a_call(self, store: SearchStore) -> None:
        day = datetime(2026, 11, 10, tzinfo=UTC)
        days = [article(f"d{n}", published=day - timedelta(days=n)) for n in range(-3, 7)]
        undated = article("undated", published=None, fetched=day - timedelta(days=30))
        store.upsert([*days, undated])
        store.delete([("buried", 5_000)])
        assert [store.remove_older(day, 4) for _ in range(3)] == [4, 3, 0]
        assert found(store, "") == {"d-3", "d-2", "d-1", "d0"}
        assert store.get("d1") is None
        assert store.check() == ()
        assert results(store.upsert([article("buried", 4_000)])) == [Result.STALE]
        store.upsert([days[-1]])
        store.remove_older(day, 4)
        assert store.count() == 4

    def test_what_is_old_leaves_the_index_that_is_being_built_too(self, store: SearchStore) -> None:
        old, new = article("old", published=datetime(2020, 1, 1, tzinfo=UTC)), article("new")
        store.upsert([old, new])
        store.begin_rebuild()
        store.upsert([old, new])
        assert store.remove_older(datetime(2026, 1, 1, tzinfo=UTC), 10) == 1
        assert store.rebuild() == Rebuild(live=1, built=1)
        store.commit_rebuild()
        assert found(store, "title") == {"new"}

    def test_all_documents_can_be_read_back(self, store: SearchStore) -> None:
        many = [article(f"m{i}", language="de") for i in range(1_203)]
        store.upsert([*CORPUS, *many])
        store.delete([("m7", 2_000)])
        assert sorted(document.id for document in store.scan("lang:de")) == sorted(a.id for a in many if a.id != "m7")
        assert {document.id: document for document in store.scan("-lang:de")} == {a.id: a for a in CORPUS}
        assert sum(1 for _ in store.scan()) == store.count()

    def test_a_story_is_one_hit_where_it_is_asked_for(self, store: SearchStore) -> None:
        wire = [article(f"wire{i}", text="volcano erupts", story="wire0") for i in range(50)]
        store.upsert([*wire, article("own", text="volcano sleeps"), article("title", title="Volcano", story="wire0")])
        page = store.search("volcano", collapse=True, facets=True)
        assert page.total == 2
        assert page.ids[0] == "wire0", "the best of its story is `title`, but another article began it"
        assert dict(zip(page.ids, page.others, strict=True)) == {"wire0": 50, "own": 0}
        assert page.facets is not None
        assert page.facets.site == (Facet(value="example.org", count=52),)
        assert store.search("volcano", collapse=True, limit=1, offset=1).ids == ("own",)
        assert store.search("site:example.org", 5, 0, sort=Sort.DATE, collapse=True).total == 2
        assert store.search("volcano").total == 52

    def test_who_stands_for_a_story(self, store: SearchStore) -> None:
        """The one that began it, where it is found; before it, a source that the operator prefers."""
        store.upsert(
            [
                article("first", text="volcano erupts slowly", story="first", source="paper"),
                article(
                    "copy", title="Volcano volcano", text="volcano erupts; buy pills", story="first", source="evil"
                ),
                article("agency", text="a volcano erupts", story="first", source="wire"),
            ]
        )

        def told(query: str, *prefer: str) -> tuple[str, ...]:
            return tuple(store.search(query, collapse=True, prefer=prefer).ids)

        assert told("volcano") == ("first",)
        assert told("volcano", "wire") == ("agency",)
        assert told("volcano", "nobody", "wire", "paper") == ("agency",)
        assert told("pills") == ("copy",)

    def test_documents_of_a_newer_version_are_found_and_read(self, store: SearchStore) -> None:
        """After a roll-back."""
        known = article("new", 2_000, text="volcano erupts", story="new")
        store.upsert([Newer(**known.model_dump())])
        assert store.get("new") == known
        assert store.search("volcano").ids == store.search("volcano", collapse=True).ids == ("new",)
        assert list(store.scan()) == [known]
        (span,) = store.spans(1)
        assert store.read(span, 10)[0] == [known]

    def test_an_index_says_which_it_is_through_a_rebuild(self, open_store: OpenStore) -> None:
        with open_store() as store, open_store() as other:
            known = store.identity()
            assert known not in ("", other.identity())
            store.begin_rebuild()
            store.commit_rebuild()
            assert store.identity() == known
