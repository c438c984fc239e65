"""Plants parsers that never return for documents that say ENDLESS, where this folder is on PYTHONPATH."""

import sys

if "newsmill.confined" in sys.orig_argv:
    import re

    from newsmill.policy import robots_rules
    from newsmill.sources import discovery, kinds

    def planted(read, body_of):
        def reader(document, *more):
            if b"ENDLESS" in body_of(document):
                re.match(r"(a|aa)+$", "a" * 200 + "b")  # holds the interpreter's lock, as the worst of them do
            return read(document, *more)

        return reader

    for name in ("read_feed", "read_sitemap", "read_list", "read_page"):
        setattr(kinds, name, planted(getattr(kinds, name), lambda polled: polled.body))
    discovery.describe = planted(discovery.describe, lambda page: page.body)
    robots_rules.reduced = planted(robots_rules.reduced, lambda body: body)
