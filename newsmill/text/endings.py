"""Endings of languages that Snowball lacks, as tables (pure).

Inflection of nouns and adjectives as grammars list it; longest first when cut. What is left need not be a word: it only
has to be the same for the forms of one word.
"""

from collections.abc import Mapping

LEAST = 3  # letters that stay
ENDINGS: Mapping[str, str] = {
    "uk": "ями ами еві ові єві ого ому ими іми ої ею єю ою ям ам ях ах ів їв ий ій их іх им ім ом ем єм"
    " ти ть ла ло ли в а я у ю і ї о е є и й ь",
    "be": "амі ямі ага яга аму яму ыя ія ае яе ую юю ых іх ым ім ай яй ой аў яў оў ам ям ом ем ах ях"
    " а я у ю і ы о е ё й ь",
    "bg": "ията ият ията иите ията иета овете евете ищата ите ата ята ото ето ове еве ища ия ът ят те та то а я о е и",
    "mk": "овите евите иите ите ата ото ето ови еви ов от та то те он ва на но не а о е и",
    "lv": "iem ajiem ajām ajam ajai ajos ajās ām ēm īm os ās ēs īs am em im um us as es is ai ei ij ij u a e i o s š",
    "sl": "ega emu imi ama ema ima ami mi ov ev om em im ih ah eh oma am a e i o u",
}
# How languages write one sound in different forms of a word, after the ending is cut.
CLOSED_VOWELS = {"uk": "іоеєї", "be": "іоеёа"}  # Київ, Києва; ніч, ночі: the last vowel stands for any of them
HEBREW_PREFIXES = "והבלמשכ"
HEBREW_PREFIX_LETTERS = 2  # ובבית, שבבית; three are rare
_SORTED = {language: tuple(sorted(set(table.split()), key=len, reverse=True)) for language, table in ENDINGS.items()}


def cut(word: str, language: str) -> str:
    """A word of one of these languages without its ending."""
    stem = next(
        (word[: -len(end)] for end in _SORTED[language] if word.endswith(end) and len(word) - len(end) >= LEAST), word
    )
    closed = CLOSED_VOWELS.get(language, "")
    for at in range(len(stem) - 1, max(len(stem) - 3, 0), -1):
        if stem[at] in closed:
            return stem[:at] + closed[0] + stem[at + 1 :]
    return stem


def hebrew(word: str, *, asked: bool) -> tuple[str, ...]:
    """What a Hebrew word may be without prefixes and endings. asked: of a query, where only the article is a prefix."""
    prefixes = "ה" if asked else HEBREW_PREFIXES
    found = [_hebrew_root(word)]
    for length in range(1, 2 if asked else HEBREW_PREFIX_LETTERS + 1):
        if len(word) - length >= LEAST and all(letter in prefixes for letter in word[:length]):
            found.append(_hebrew_root(word[length:]))
    return tuple(dict.fromkeys(found))


def _hebrew_root(word: str) -> str:
    for end in ("יות", "יים", "ים", "ות", "ה", "ת", "י"):
        if word.endswith(end) and len(word) - len(end) >= LEAST - 1:
            word = word.removesuffix(end)
            break
    return word.translate(_HEBREW_FINALS)


_HEBREW_FINALS = str.maketrans("ךםןףץ", "כמנפצ")
