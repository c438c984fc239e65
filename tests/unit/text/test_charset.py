"""Encodings: what is declared, what is wrong, what is missing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from webencodings.labels import LABELS

from newsmill.text.charset import decode, decode_stream, decode_xml

UKRAINIAN = "Міська рада у четвер вирішила закрити стару портову дорогу на ремонт до кінця березня. "
JAPANESE = "市議会は木曜日、古い港湾道路を補修のため閉鎖することを決めた。工事は三月末まで続く。"
CHINESE = "市议会周四决定关闭旧港口公路进行维修，居民们被告知施工将持续到三月底。"


def page(text: str, charset: str = "") -> str:
    meta = f'<meta charset="{charset}">' if charset else ""
    return f"<!doctype html><html><head>{meta}<title>t</title></head><body><p>{text * 4}</p></body></html>"


@pytest.mark.parametrize(
    ("text", "codec", "meta", "header"),
    [
        (UKRAINIAN, "utf-8", "", ""),
        (UKRAINIAN, "cp1251", "windows-1251", ""),
        (UKRAINIAN, "cp1251", "", "text/html; charset=windows-1251"),
        (UKRAINIAN, "cp1251", "", ""),
        (UKRAINIAN, "koi8-u", "koi8-u", ""),
        (UKRAINIAN, "koi8-u", "", 'text/html; charset="KOI8-U"'),
        (UKRAINIAN, "utf-8", "windows-1251", ""),  # a lie: valid UTF-8 wins
        (UKRAINIAN, "utf-8", "", "text/html; charset=iso-8859-1"),
        (UKRAINIAN, "utf-16", "", ""),  # with a byte order mark
        (UKRAINIAN, "utf-16-le", "", ""),
        (UKRAINIAN, "utf-16-be", "utf-16", ""),
        (UKRAINIAN, "utf-8-sig", "windows-1251", "text/html; charset=koi8-r"),  # a mark wins over everything
        (JAPANESE, "cp932", "Shift_JIS", ""),
        (JAPANESE, "cp932", "", ""),
        (JAPANESE, "euc-jp", "x-euc-jp", ""),
        (JAPANESE, "iso2022_jp", "iso-2022-jp", ""),
        (CHINESE, "gb18030", "gb2312", ""),
        (CHINESE, "gb18030", "", ""),
        (CHINESE, "big5", "big5", "") if CHINESE.isascii() else (JAPANESE, "utf-8", "shift_jis", ""),
        ("Ärger über Öl – „wahr“ ", "cp1252", "iso-8859-1", ""),  # browsers read Latin-1 as windows-1252
        (UKRAINIAN, "cp1251", "no-such-charset", ""),
    ],
)
def test_text_survives(text: str, codec: str, meta: str, header: str) -> None:
    assert text in decode(page(text, meta).encode(codec), header or None)


def test_the_header_outranks_the_meta_element() -> None:
    body = page(UKRAINIAN, "koi8-u").encode("cp1251")
    assert UKRAINIAN in decode(body, "text/html; charset=windows-1251")


def test_a_few_broken_bytes_do_not_spoil_utf8() -> None:
    body = page(UKRAINIAN).encode()[:-20].replace("четвер".encode(), "четвер".encode()[:-1] + b" ", 1)
    assert "вирішила закрити" in decode(body)


def test_a_body_cut_inside_a_character_is_still_utf8() -> None:
    assert decode(UKRAINIAN.encode()[:-3]).startswith("Міська рада")


@given(st.binary(max_size=300), st.text(max_size=40))
def test_never_raises_and_never_yields_surrogates(body: bytes, header: str) -> None:
    decode(body, header).encode("utf-8")


@pytest.mark.parametrize("label", sorted(set(LABELS)))
def test_every_label_of_the_standard_can_be_declared(label: str) -> None:
    assert decode(b"caf\xe9 <p>", f"text/html; charset={label}")


XML = '<?xml version="1.0"{}?><a>{}</a>'
CUT = "Новини міста: рада вирішила".encode()[:-1] + b" ..."  # one character is cut in two


@pytest.mark.parametrize(
    ("body", "content_type", "text", "remark"),
    [
        (XML.format("", "Новини").encode(), "", "Новини", ""),
        (XML.format(' encoding="UTF-8"', "").encode() + CUT, "text/xml; charset=utf-8", "Новини", "bytes that are not"),
        (b"<?xml version='1.0'?><t>" + CUT, "text/xml", "Новини", "bytes that are not"),
        (CUT, "text/xml; charset=iso-8859-1", "Новини", "says it is cp1252, but is UTF-8"),
        ("é".encode()[:1] + "café".encode("cp1252"), "application/rss+xml; charset=utf-8", "café", "is not in utf-8"),
        (XML.format(' encoding="x-sjis"', "記事①").encode("cp932"), "", "記事①", ""),
        (XML.format(' encoding="Windows-31J"', "記事①").encode("cp932"), "", "記事①", ""),
        (XML.format(' encoding="Shift_JIS"', "記事①").encode("cp932"), "", "記事①", ""),
        (XML.format(' encoding="gb2312"', "新聞镕").encode("gbk"), "", "新聞镕", ""),
        (XML.format(' encoding="euc-kr"', "뷁 기사").encode("cp949"), "", "뷁 기사", ""),
        (XML.format(' encoding="ks_c_5601-1987"', "뷁 기사").encode("cp949"), "", "뷁 기사", ""),
        (XML.format(' encoding="CP949"', "뷁 기사").encode("cp949"), "", "뷁 기사", ""),
        (XML.format(' encoding="latin1"', "“café”").encode("cp1252"), "", "“café”", ""),
        (XML.format("", "Новини").encode("utf-32"), "", "Новини", ""),
        (XML.format(' encoding="utf-16"', "Новини").encode(), "", "Новини", ""),
        (b"<rss><item><title>x</title><description>&lt;meta charset=koi8-r>", "", "<rss>", ""),
        (b"<rss>a\x00b\x0cc</rss>", "", "abc", "contains characters that XML forbids"),
    ],
)
def test_xml(body: bytes, content_type: str, text: str, remark: str) -> None:
    found, said = decode_xml(body, content_type)
    assert text in found
    assert remark in said
    assert bool(said) == bool(remark)


@given(
    st.sampled_from(["utf-8", "cp1251", "cp932", "gb18030", "utf-16", "utf-16-le", "iso2022_jp", "utf-8-sig"]),
    st.integers(100, 100_000),
)
def test_a_stream_is_decoded_as_the_whole(codec: str, size: int) -> None:
    word = {"cp932": "記事一覧", "gb18030": "新闻列表", "iso2022_jp": "記事一覧"}.get(codec, "новина")
    text = f'<?xml version="1.0" encoding="{codec.removesuffix("-sig")}"?>' + f"<loc>{word}</loc>\n" * 3_000
    body = text.encode(codec)
    pieces = (body[at : at + size] for at in range(0, len(body), size))
    assert "".join(decode_stream(pieces)) == text


def test_a_stream_without_an_end_of_line_is_bounded() -> None:
    assert max(map(len, decode_stream([b"x" * 5_000_000]))) <= 5_000_000
    assert "".join(decode_stream(b"\xd0\xbd" for _ in range(1000))) == "н" * 1000
    assert "".join(decode_stream([])) == ""
