"""Writes newsmill/text/simplified.txt anew: `python -m training.han`, with opencc (Apache-2.0) installed.

Two lines of the same length: characters, and what search takes each for. Traditional characters become simplified ones
(OpenCC's t2s, character by character: which of several simplified ones a word has does not matter when query and text
go the same way), and Japanese forms that only names still have become the usual ones.
"""

import sys
from pathlib import Path

FILE = Path(__file__).parents[1] / "newsmill" / "text" / "simplified.txt"
# Variants in Japanese names, and the usual form (JIS X 0213, annex on unification, and the koseki's list).
NAMES = {
    "髙": "高",
    "﨑": "崎",
    "栁": "柳",
    "𠮷": "吉",
    "德": "徳",
    "濵": "浜",
    "邉": "辺",
    "齋": "斎",
    "桒": "桑",
    "𣘺": "橋",
}


def main() -> int:
    """Write the file; 1 where opencc is not installed."""
    try:
        from opencc import OpenCC
    except ImportError:
        print("opencc is not installed: pip install newsmill[train]")
        return 1
    simplify = OpenCC("t2s").convert
    characters = [chr(c) for c in (*range(0x3400, 0xA000), *range(0xF900, 0xFB00), *range(0x20000, 0x2A6E0))]
    pairs = {c: simplify(NAMES.get(c, c)) for c in (*characters, *NAMES)}
    pairs = {c: simple for c, simple in pairs.items() if simple != c and len(simple) == 1}
    FILE.write_text("".join(pairs) + "\n" + "".join(pairs.values()) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
