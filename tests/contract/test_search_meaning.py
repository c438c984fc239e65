"""What people mean is found: other forms, parts, spellings and scripts of words, in both stores."""

from collections.abc import Iterator

import pytest

from newsmill.search.store import SearchStore
from newsmill.testing.search_corpus import article
from tests.contract.conftest import OpenStore

FOUND = (  # language, text, query
    ("en", "Three bridges were closed at Oxmere.", "bridge"),
    ("en", "The minister resigned at Oxmere.", "resigning minister"),
    ("en", "Oxmere's swimmers trained.", "oxmere swimmer"),
    ("de", "Die Brücken der Städte wurden saniert.", "Brücke Stadt"),
    ("de", "Der Straßenbahnverkehr ruhte.", "Straßenbahn"),
    ("de", "Die Autobahnbrücke wurde gesperrt.", "Brücke"),
    ("de", "Herr Schroeder kam.", "Schröder"),
    ("sv", "Flygplatserna stängdes.", "flygplats"),
    ("da", "Sygehuslægen talte.", "sygehus"),
    ("nl", "De ministers overlegden.", "minister"),
    ("fr", "L’avocate plaidait devant les tribunaux.", "avocat tribunal"),
    ("es", "Las decisiones fueron anuladas.", "decisión"),
    ("pt", "Os animais fugiram.", "animal"),
    ("it", "Le elezioni nell’isola.", "elezione isola"),
    ("ro", "Primarii au votat.", "primar"),
    ("pl", "Burmistrzowi wręczono nagrodę.", "burmistrz nagroda"),
    ("cs", "V nemocnicích chybějí lékaři.", "nemocnice lékař"),
    ("sk", "Na školách chýbajú učitelia.", "škola"),
    ("ru", "Учителям вручили награды.", "учитель награда"),
    ("uk", "Жителі Харкова вийшли на площу.", "Харків площа"),
    ("bg", "Министрите обсъдиха законите.", "министър закон"),
    ("el", "Οι αποφάσεις των δικαστηρίων.", "απόφαση δικαστήριο"),
    ("tr", "Hastanelerde doktorlar çalışıyor.", "hastane doktor"),
    ("fi", "Poliisille ilmoitettiin varkauksista.", "poliisi"),
    ("hu", "A miniszterek tárgyaltak.", "miniszter"),
    ("ar", "زار الوزير المستشفى", "مستشفي وزير"),
    ("ar", "تحدث الوزير اليوم", "وزير"),
    ("fa", "مدرسه‌های شهر تعطیل شد", "مدرسه"),
    ("he", "בתי המשפט והממשלה", "ממשלה"),
    ("hi", "बच्चों को किताबें मिलीं", "किताब"),
    ("hi", "वर्ष २०२५ की घटना", "2025"),
    ("zh", "臺灣的經濟發展", "经济发展"),
    ("ja", "﨑山さんが話した", "崎山"),
    ("uk", "Прем’єр-міністр промовляв.", "прем'єр"),
    ("uk", "Ґрунт промерз.", "грунт"),
    ("en", "The F16s and an F-35 took off.", "F35"),
    ("en", "Senator O’Hara spoke.", "ohara"),
    ("en", "The E.U. met.", "EU"),
    ("en", "It cost 4,500,000 pounds.", "4500000"),
    ("en", "President Yanukovych left.", "Янукович"),
    ("ru", "Тренер Кириленко уволен.", "Kyrylenko"),
)
NOT_FOUND = (  # text, query
    ("Vitamin D helps.", "D#"),
    ("Three bridges were closed.", '"bridge"'),
    ("Three bridges were closed.", "=bridge"),
    ("Apples, pits and all.", "apples -pits"),
    ("Neu ist der Kran und alt der Hafen.", "»Kran Hafen«"),
    ("Only plums grow.", "plums title:plums"),
)


@pytest.fixture(scope="module")
def store(open_store: OpenStore) -> Iterator[SearchStore]:
    texts = [(language, text) for language, text, _ in FOUND] + [("en", text) for text, _ in NOT_FOUND]
    with open_store() as opened:
        opened.upsert([article(f"a{at}", title="", text=text, language=lang) for at, (lang, text) in enumerate(texts)])
        yield opened


@pytest.mark.parametrize("at", range(len(FOUND)), ids=[query for _, _, query in FOUND])
def test_what_is_meant_is_found_and_shown(store: SearchStore, at: int) -> None:
    page = store.search(FOUND[at][2], limit=100, marks=("[", "]"))
    hits = dict(zip(page.ids, page.hits, strict=True))
    assert f"a{at}" in hits
    assert "[" in hits[f"a{at}"].snippet


@pytest.mark.parametrize("at", range(len(NOT_FOUND)), ids=[query for _, query in NOT_FOUND])
def test_what_is_exact_or_excluded_is_not_found(store: SearchStore, at: int) -> None:
    assert f"a{len(FOUND) + at}" not in store.search(NOT_FOUND[at][1], limit=100).ids
