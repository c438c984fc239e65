"""The persons that a line names: lists in one string, without roles, outlets and what buttons say (pure)."""

import re
from collections.abc import Iterator

from newsmill.extraction.metadata.bylines import BY_WORDS
from newsmill.extraction.metadata.text import clean
from newsmill.text.dates import find_date

MAX_NAME_CHARS = 80
MAX_NAME_WORDS = 8
_EDGES = " ,;:|-–—·•/*＊"

_NOT_A_NAME = re.compile(
    r"https?:|www\.|@\w|[<>{}\[\]=#]|\d{3}|\b(?:min(?:ute)?s? read|read more|comments?|share|updated)\b", re.I
)


def _words(table: str) -> str:
    """The alternatives of a table, as a pattern."""
    return "|".join(line.strip("|") for line in table.split("\n") if line)


# What stands where names do, and is none: whole lines.
_BUTTONS = """
posted|published|updated|authors?|follow|subscribe|register|sign (?:in|up|out)|log ?(?:in|out)|my account|profile|menu
search|share|print|save|contact|more|view (?:author )?profile|view all posts|see all|all (?:posts|articles)
use another number|registrieren|anmelden|abmelden|einloggen|abonnieren|teilen|merken|drucken|suche|autor|profil|mehr
zur startseite|nachrichten|connexion|s['’]inscrire|s['’]abonner|partager|iniciar sesión|registrarse|suscríbete|compartir
accedi|registrati|abbonati|entrar|assine|inloggen|aanmelden|logga in|prenumerera|log ind|logg inn|zaloguj(?: się)?
přihlásit(?: se)?|войти|регистрация|увійти|реєстрація|로그인|회원가입|구독|登录|登入|注册|註冊|ログイン|会員登録
đăng nhập|giriş yap|abone ol|masuk|daftar|تسجيل الدخول
"""
_SAID_BY_BUTTONS = re.compile(_words(_BUTTONS), re.I)
# What these look at is `clean`: one line, in which white space is single spaces.
_CUT = re.compile(r" [|·•●–—/] ?| - | ?\| ?| on (?=\w{1,20},? ?\w{0,20} ?\d)| \(| (?:updated|posted|published)\b", re.I)
# "and" in many languages. Those that may be a part of a name stand between whole names only.
_SEVERAL = re.compile(
    r" ?; ?| (?:&|and|und|sowie|et|ve|och|og|та|và|dhe|és|și|şi|agus|eta|και|और|এবং) |、|(?<=\w), and (?=\w)", re.I
)
_BETWEEN_NAMES = re.compile(r" (?:y|e|i|a|и|і|й|و|ו|en|ja|ta|un|ir|dan|with|mit|con|avec) | ?[·ㆍ] ?", re.I)
_ROLES = """
reporter(?:in)?|editor(?:-in-chief|-at-large)?|correspondent|writer|columnist|journalist(?:in)?|contributor|producer
photographer|intern|redakteur(?:in)?|redaktion|korrespondent(?:in)?|volontär(?:in)?|autor(?:in)?|kolumnist(?:in)?
rédact(?:eur|rice)|correspondante?|redactora?|corresponsal|periodista|redattore|redattrice|giornalista|inviat[oa]
redacteur|verslaggever|redaktor(?:ka)?|dziennikarz|dziennikarka|корреспондент|журналист(?:ка)?|редактор|обозреватель
кореспондент|журналіст(?:ка)?|muhabiri?|toimittaja
"""
_ROLE = re.compile(rf"\b(?:{_words(_ROLES)})(?!\w)", re.I)
_RANKS = "senior|staff|chief|tech|news|managing|sports?"
_ROLE_BEHIND = re.compile(rf"(?<=\w) (?:(?:{_RANKS}) ){{0,2}}(?:{_words(_ROLES)})$", re.I)
_ONLY_ROLE = re.compile(rf"(?:[^\W\d_]+ ){{0,4}}(?:{_words(_ROLES)})", re.I)
_DEGREES = """
ph\\.? ?d\\.?|m\\.? ?d\\.?|m\\.?[as]\\.?|b\\.?[as]\\.?|[bm]sc\\.?|mba|mph|med|edd|jd|llm|esq\\.?
dds|dmd|dvm|vmd|do|np|rnc?|rdn?|ldn
cpa|cf[ap]®?|fand|facp|faclm|foma|dabom|dacvb|lvt|dpt|pt|pharmd|psyd|lcsw
lmft|lpc|cpt|cscs|smt|jr\\.?|sr\\.?|i{1,3}|cpp|psp|cepf®?
"""
_DEGREE = re.compile(_words(_DEGREES), re.I)
_AGENCIES = (
    "dpa|afp|ap|apa|sda|reuters|efe|ansa|belga|anp|tt|ntb|ritzau|stt|pap|čtk|tasr|mti|tanjug|hina|sid|red|kna|epd"
)
_AGENCY = re.compile(_AGENCIES, re.I)
_HANGUL_DESK, _HANGUL_ROLES = "선임|인턴|수습|객원|전문|논설", "기자|특파원|위원|앵커|에디터|칼럼니스트|교수"
_HANGUL_ROLE = re.compile(rf"\s?(?:{_HANGUL_DESK})?(?:{_HANGUL_ROLES})(?:\s?외 \d+명)?$|\s?외 \d+명$")
_HAN_ROLES = "记者|記者|编辑|編輯|作者|责任编辑|責任編輯|撰文|通讯员|通訊員"
_HAN_DESK = "本[報报刊网網]|特[约約]|实习|實習"
_HAN_ROLE = re.compile(rf"^(?:{_HAN_DESK})?(?:{_HAN_ROLES}|文)(?:\s?[:：／/]\s?|\s)|\s?(?:{_HAN_ROLES}|報導|报道)$")
_LABELS = """
authors:|view all posts by|all posts by|this (?:post|article) was written by|reviewed by|about the author
erstellt von|ein (?:gast)?(?:beitrag|kommentar|artikel|interview) von|(?:gast)?(?:beitrag|kommentar|artikel) von
interview|text|fotos?|autor(?:en|in)?|author|words|story|reporting|redaktion|vom|written by|opinion by|analysis by
video by|photograph(?:s|y) by|report by|textes?|entrevista|intervista
"""
_LABEL = re.compile(rf"^(?:{_words(_LABELS)}) ?:? (?=\w)", re.I)
_MONTHS = "january|february|march|april|may|june|july|august|september|october|november|december"
_DATED = re.compile(rf" (?:{_MONTHS}|(?:jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec)\.?) ?\d.*$", re.I)
_FOR = re.compile(r",? (?i:for (?:the )?)[A-Z].*$|,? in [A-Z]\w+(?: [A-Z]\w+)?$")
_OFFICE = re.compile(
    r"\b(?:center|centre|office|department|institute|ministry|society|association|committee) (?:for|of) ", re.I
)
_DIGIT = re.compile(r"\d")
_LETTERS = re.compile(r"[^\W\d_]")


def names_in(raw: str) -> Iterator[str]:
    """The persons that a byline names."""
    text = BY_WORDS.sub("", _CUT.split(clean(raw))[0]).strip(_EDGES)
    text = BY_WORDS.sub("", _LABEL.sub("", text)) if len(text) > 3 else text
    for part in _listed(text):
        name = _without_role(part.strip(_EDGES))
        if not name or len(name) > MAX_NAME_CHARS or len(name.split()) > MAX_NAME_WORDS or _NOT_A_NAME.search(name):
            continue
        if _SAID_BY_BUTTONS.fullmatch(name):
            continue
        if _LETTERS.search(name) and not (_DIGIT.search(name) and find_date(name)):
            yield name


def without_roles(people: tuple[str, ...]) -> tuple[str, ...]:
    """Without what is only a role, where somebody remains."""
    return tuple(name for name in people if not (" " in name and _ONLY_ROLE.fullmatch(name))) or people


def _listed(text: str) -> Iterator[str]:
    """The parts of a list, also where the last is joined by "and"; not those of an office: "Center for A and B"."""
    for part in [text] if _OFFICE.search(text) else _SEVERAL.split(text):
        for between in _apart(part or "", _BETWEEN_NAMES):
            pieces = [piece.strip() for piece in between.split(",")]
            if len(pieces) == 1:
                yield between
            else:
                yield from _by_commas(pieces)


def _apart(text: str, mark: re.Pattern[str]) -> list[str]:
    """The parts, if every one has a first and a last name; else the whole."""
    parts = [part for part in mark.split(text) if part]
    whole = all(len(part.split()) > 1 or (_hangul(part.strip()[:3]) and len(part.strip()) > 1) for part in parts)
    return parts if len(parts) > 1 and whole else [text]


def _hangul(text: str) -> bool:
    return bool(text) and all("가" <= char <= "힣" for char in text)


def _by_commas(pieces: list[str]) -> Iterator[str]:
    """Names between commas, with their degrees. A role, an agency or an outlet of one word behind a name is none."""
    if len(pieces) == 2 and all(len(piece.split()) == 1 for piece in pieces) and not any(map(_hangul, pieces)):
        yield ", ".join(pieces)  # "Roe, Jane"
        return
    name = pieces[0]
    for piece in pieces[1:]:
        if _DEGREE.fullmatch(piece):
            name += f", {piece}"
        elif (len(piece.split()) > 1 or _hangul(piece)) and not (_ROLE.search(piece) or _AGENCY.fullmatch(piece)):
            yield name
            name = piece
    yield name


def _without_role(name: str) -> str:
    short = _ROLE_BEHIND.sub("", _DATED.sub("", _FOR.sub("", name)))
    short = short if len(short.split()) > 1 else _DATED.sub("", name)
    if not short.isascii():
        short = _HAN_ROLE.sub("", _HANGUL_ROLE.sub("", short))
    return short.strip(_EDGES) or name
