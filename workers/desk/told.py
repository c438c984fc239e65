"""Words for what a search did."""

from newsmill.search.rungs import Rung

RUNGS = {
    Rung.EXACT: "",
    Rung.FORMS: "words as typed first, then their other forms",
    Rung.MOST: "few articles have all words: then come those with most of them",
}
