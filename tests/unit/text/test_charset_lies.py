"""Pages in the encodings of the world whose servers say that they are in Latin-1 or UTF-8, or say nothing."""

import pytest

from newsmill.text.charset import decode

TEXTS = {
    "ru": (
        "Портовый совет сохранил подъёмный мост открытым для рыбацких лодок, завершив недели споров. ",
        "windows-1251",
    ),
    "uk": ("Портова рада зберегла підйомний міст відкритим для рибальських човнів, завершивши суперечку. ", "koi8-u"),
    "el": ("Το συμβούλιο του λιμανιού αποφάσισε να κρατήσει ανοιχτή την παλιά γέφυρα για τα σκάφη. ", "iso-8859-7"),
    "pl": ("Zarząd portu zdecydował, że stary most zwodzony pozostanie otwarty dla łodzi rybackich. ", "iso-8859-2"),
    "tr": ("Liman kurulu eski açılır köprüyü balıkçı tekneleri için açık tutmaya karar verdi. ", "windows-1254"),
    "he": ("מועצת הנמל החליטה ביום ראשון בלילה להשאיר את הגשר הישן פתוח לסירות הדיג. ", "windows-1255"),
    "ar": ("قرر مجلس الميناء مساء الأحد إبقاء الجسر القديم مفتوحا أمام قوارب الصيد. ", "windows-1256"),
    "th": ("คณะกรรมการท่าเรือมีมติเมื่อคืนวันอาทิตย์ให้เปิดสะพานยกเก่าสำหรับเรือประมงต่อไป ", "windows-874"),
    "zh": ("港口委员会周日晚间决定让旧吊桥继续对渔船开放，结束了长达十一周的维修费用争论。", "gb18030"),
    "ja": ("港湾委員会は日曜の夜、古い跳ね橋を漁船のために開けておくことを決めた。", "euc-jp"),
    "ko": ("항만위원회는 일요일 밤 낡은 도개교를 어선을 위해 계속 열어 두기로 결정했다. ", "euc-kr"),
}
PYTHON = {"windows-874": "cp874", "koi8-u": "koi8-u"}


@pytest.mark.parametrize("header", ["text/html", "text/html; charset=iso-8859-1", "text/html; charset=utf-8"])
@pytest.mark.parametrize("declares", [False, True], ids=["silent", "declared"])
@pytest.mark.parametrize("language", sorted(TEXTS))
def test_what_a_server_says_of_all_its_pages_is_not_believed(language: str, declares: bool, header: str) -> None:
    text, label = TEXTS[language]
    meta = f'<meta http-equiv="Content-Type" content="text/html; charset={label}">' if declares else ""
    page = f'<html lang="{language}"><head>{meta}<title>T</title></head><body><p>{text * 6}</p></body></html>'
    assert text in decode(page.encode(PYTHON.get(label, label)), header)


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be"])
def test_markup_that_begins_in_two_bytes_a_letter_is_utf_16(codec: str) -> None:
    text = TEXTS["ru"][0]
    assert text in decode(f"<html><body><p>{text * 20}</p></body></html>".encode(codec), "text/html; charset=utf-8")


def test_a_page_of_western_europe_is_latin_1_as_its_server_says() -> None:
    text = "Der Hafenrat hat am Sonntagabend beschlossen, die Klappbrücke für Fischer offen zu halten. " * 6
    page = f'<html lang="de"><body><p>{text}</p></body></html>'.encode("latin-1")
    assert text.strip() in decode(page, "text/html; charset=iso-8859-1")


def test_a_declaration_may_come_after_a_long_style() -> None:
    text = TEXTS["pl"][0] * 4
    page = f'<html><head><style>{"a{b:c}" * 2000}</style><meta charset="iso-8859-2"></head><body>{text}</body></html>'
    assert text in decode(page.encode("iso-8859-2"))
