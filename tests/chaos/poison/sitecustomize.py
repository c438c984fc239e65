"""Plants an extractor that pages can end: by a crash, by all memory, or by never returning."""

import os

if "CHAOS_MARK" in os.environ:
    import re
    import signal

    from newsmill.extraction import own

    honest = own._Own.__call__

    def planted(html, *more):
        if b"POISON-crash" in html:
            os.kill(os.getpid(), signal.SIGKILL)
        if b"POISON-memory" in html:
            kept = []
            while True:
                kept.append(bytearray(100_000_000))
        if b"POISON-endless" in html:
            re.match(r"(a|aa)+$", "a" * 200 + "b")  # holds the interpreter's lock, as the worst of them do
        return honest(html, *more)

    own._Own.__call__ = staticmethod(planted)
