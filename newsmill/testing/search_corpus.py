"""Documents for the contract of search stores."""

from datetime import UTC, datetime
from typing import Any

from newsmill.model import Document


def article(entry_id: str, version: int = 1_000, **fields: Any) -> Document:
    """An article of example.org, with what the test says of it."""
    site = fields.pop("site", "example.org")
    defaults: dict[str, Any] = {
        "url": f"https://{site}/{entry_id}",
        "site": site,
        "source": "example",
        "title": f"Title {entry_id}",
        "text": "Nothing of note.",
        "language": "en",
        "published": datetime(2026, 11, 1, tzinfo=UTC),
        "fetched": datetime(2026, 11, 20, tzinfo=UTC),
        "extractor": 1,
    }
    return Document(id=entry_id, version=version, **{**defaults, **fields})


CORPUS = (
    article(
        "harbour",
        title="New harbour opens in Größenstadt",
        text="The harbour master said the ships may enter. A naïve visitor asked for the café.",
        authors=("Jane Doe", "Max Müller"),
        keywords=("shipping",),
        published=datetime(2026, 11, 3, 8, 30, tzinfo=UTC),
    ),
    article("ships", text="Ships and more ships: the harbour is far away. Master the wind.", site="news.example.org"),
    article(
        "kyiv",
        title="Київ відкриває нову лінію метро",
        text="Столичне метро отримало ще одну станцію. Ёлка стоїть на площі.",
        language="uk",
        source="Kyiv Daily",
        site="kyiv.example",
        published=datetime(2025, 12, 31, 23, 59, tzinfo=UTC),
    ),
    article(
        "tokyo",
        title="東京で新しい駅が開業",
        text="日本語のニュースです。2026年に駅が開きました。東京の人々は喜んでいます。",
        language="ja",
        site="tokyo.example",
    ),
    article("seoul", title="서울에서 온 소식", text="서울의 날씨는 맑습니다.", language="ko", site="seoul.example"),
    article("bangkok", title="ข่าวกรุงเทพ", text="กรุงเทพมหานครเปิดสถานีใหม่", language="th", site="bangkok.example"),
    article("delhi", title="हिन्दी समाचार", text="दिल्ली में नई मेट्रो लाइन खुली।", language="hi", site="delhi.example"),
    article("cairo", title="أخبار القاهرة", text="اِفتُتِحَ خطّ المترو الجديد", language="ar", site="cairo.example"),
    article("undated", text="Written at no known time about a metro.", published=None, language="", source="Other"),
    article("description", text="", description="Only a summary about zeppelins.", title="Summary"),
    article("prices", text="It costs 3.14 euros (or 100%), says don't-ask@example.org. C++ & AT&T.", title="Prices"),
)
