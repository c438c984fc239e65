-- Tables of one generation of the index ({n} is its number); `meta` names the live one and, during a
-- rebuild, the one being built. Both take every write; a rebuild ends by naming the other one live.

CREATE TABLE articles_{n} (
    row INTEGER PRIMARY KEY AUTOINCREMENT,  -- never used twice: an index entry can outlive its article
    id TEXT NOT NULL UNIQUE,
    rank INTEGER NOT NULL,       -- version and extractor: orders the writes to one id
    deleted INTEGER NOT NULL,    -- 1: only here so that nothing older comes back
    url TEXT NOT NULL,
    title TEXT NOT NULL,
    site TEXT NOT NULL,          -- lower case, as are source and language
    source TEXT NOT NULL,
    language TEXT NOT NULL,
    date INTEGER NOT NULL,       -- published, else fetched: microseconds since the epoch
    story TEXT NOT NULL,         -- of the document, else its own id
    body BLOB NOT NULL           -- the whole document, JSON in a zstd frame; empty when deleted
) STRICT;
CREATE INDEX articles_{n}_date ON articles_{n} (date) WHERE NOT deleted;
CREATE INDEX articles_{n}_language ON articles_{n} (language) WHERE NOT deleted;

-- Holds tokens only: those of newsmill/text/tokens.py, which the tokenizer finds in what token_bytes.py prepares.
-- rowid = articles_{n}.row.
-- A generation of analysis 1 has no section, and no table of forms.
CREATE VIRTUAL TABLE words_{n} USING fts5 (
    title, text, description, keywords, authors, section,
    content = '', tokenize = 'ascii'
);

-- What newsmill/search/forms.py makes of an article: which article has a form, and nothing else of it.
CREATE VIRTUAL TABLE forms_{n} USING fts5 (
    forms,
    content = '', tokenize = 'ascii', detail = 'none', columnsize = 0
);
