"""Answers as bytes: heads that are not as RFC 9112 wants them, and answers with something behind them."""

LATER_S = 0.1
TEXT = b"<html><body><h1>As sent</h1><p>The page itself.</p></body></html>"
FORGED = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 6\r\n\r\nFORGED"


def answer(*lines: bytes, status: bytes = b"HTTP/1.1 200 OK", body: bytes = TEXT, end: bytes = b"\r\n") -> bytes:
    return end.join([status, b"Content-Type: text/html", *lines, b"", b""]) + body


def sized(body: bytes = TEXT) -> bytes:
    return b"Content-Length: %d" % len(body)


CHUNKED = b"%x\r\n%s\r\n0\r\n\r\n" % (len(TEXT), TEXT)
TE = b"Transfer-Encoding: chunked"

# Name: what is sent at once, what follows later. Behind each the connection stays open.
SHIFTING: dict[str, tuple[bytes, bytes]] = {
    "two-in-one": (answer(sized()) + FORGED, b""),
    "second-later": (answer(sized()), FORGED),
    "second-in-part": (answer(sized()) + FORGED[:20], FORGED[20:]),
    "chunked-and-second": (answer(TE, body=CHUNKED) + FORGED, b""),
    "chunked-and-second-later": (answer(TE, body=CHUNKED), FORGED),
    "length-and-chunked": (answer(sized(), TE, body=CHUNKED) + FORGED, b""),
    "length-and-chunked-later": (answer(b"Content-Length: 4", TE, body=CHUNKED), FORGED),
    "204-with-length": (answer(b"Content-Length: 6", status=b"HTTP/1.1 204 No Content", body=FORGED), b""),
    "204-chunked": (answer(TE, status=b"HTTP/1.1 204 No Content", body=CHUNKED + FORGED), b""),
    "204-later": (answer(status=b"HTTP/1.1 204 No Content", body=b""), FORGED),
    "304-with-body": (answer(sized(), status=b"HTTP/1.1 304 Not Modified", body=FORGED), b""),
    "304-later": (answer(sized(), status=b"HTTP/1.1 304 Not Modified", body=b""), FORGED),
    "redirect-and-second": (answer(b"Content-Length: 0", b"Location: /x", status=b"HTTP/1.1 302 -", body=FORGED), b""),
    "404-and-second": (answer(sized(), status=b"HTTP/1.1 404 -") + FORGED, b""),
    "too-short-a-length": (answer(b"Content-Length: 10"), b""),
    "line-end-behind": (answer(sized()) + b"\r\n", FORGED),
    "one-byte-behind": (answer(sized()) + b"H", FORGED[1:]),
    "interim-behind": (answer(sized()) + b"HTTP/1.1 103 Early Hints\r\n\r\n", FORGED),
    "keep-alive-promised": (answer(b"Connection: keep-alive", sized()) + FORGED, b""),
    "old-version-kept": (answer(b"Connection: keep-alive", sized(), status=b"HTTP/1.0 200 OK"), FORGED),
    "two-equal-lengths": (answer(sized(), sized()), FORGED),
}

# Name: a whole answer; TEXT is its body for whoever reads it as browsers do.
SLOPPY: dict[str, bytes] = {
    "slash-in-name": answer(b"X/Cache: HIT", sized()),
    "space-in-name": answer(b"X Cache: HIT", sized()),
    "space-before-colon": answer(b"X-Cache : HIT", sized()),
    "no-colon": answer(b"X-Powered-By PHP", sized()),
    "no-name": answer(b": value", sized()),
    "brackets": answer(b"(comment): x", b"{json: y}", sized()),
    "bytes-in-name": answer(b"X-\xd0\xbf\xd1\x80: x", b"\xff\xfe", b"\x00\x01: x", sized()),
    "markup-in-head": answer(b"<b>Warning</b>: headers already sent in /srv/index.php on line 4", sized()),
    "status-twice": answer(b"HTTP/1.1 200 OK", sized()),
    "name-mentions-length": answer(b"X-Original Content-Length: 5", sized()),
    "empty-length": answer(b"Content-Length:"),
    "empty-and-good-length": answer(b"Content-Length: ", sized()),
    "identity": answer(b"Transfer-Encoding: identity", sized()),
    "identity-without-length": answer(b"Transfer-Encoding: Identity"),
    "identity-and-chunked": answer(b"Transfer-Encoding: identity, chunked", body=CHUNKED),
    "empty-coding": answer(b"Transfer-Encoding:", sized()),
    "chunked-twice": answer(TE, TE, body=CHUNKED),
    "line-ends-first": b"\r\n\r\n" + answer(sized()),
    "line-feed-first": b"\n" + answer(sized()),
    "line-ends-after-interim": b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n\r\n" + answer(sized()),
    "bad-line-in-interim": b"HTTP/1.1 103 Early Hints\r\nno header\r\n\r\n" + answer(sized()),
    "line-feeds-only": answer(b"X-Cache: HIT", sized(), end=b"\n"),
    "folded": answer(b"X-Long: one", b"  two", b"\tthree", sized()),
    "folded-first": answer(sized()).replace(b"Content-Type", b"  folded\r\nContent-Type", 1),
    "folded-bad-line": answer(b"no header", b"  goes on: x", sized()),
    "nul-in-value": answer(b"X-Trace: a\x00b", sized()),
    "cr-in-value": answer(b"X-Trace: a\rb\x0bc\x0cd", sized()),
    "no-reason": answer(sized(), status=b"HTTP/1.1 200"),
    "two-spaces": answer(sized(), status=b"HTTP/1.1  200  OK"),
    "lower-case-version": answer(sized(), status=b"http/1.1 200 ok"),
    "bytes-in-reason": answer(sized(), status=b"HTTP/1.1 200 \xd0\x9e\x00\xd0\x9a"),
    "version-2-in-words": answer(sized(), status=b"HTTP/2 200"),
    "version-0-9": answer(sized(), status=b"HTTP/0.9 200 OK"),
}

# Name: a whole answer in chunks, with TEXT as its body; what stands round the chunks is not as RFC 9112 wants it.
SLOPPY_CHUNKS: dict[str, bytes] = {
    "trailer": answer(TE, body=CHUNKED[:-2] + b"X-Took: 5\r\n\r\n"),
    "trailer-slash-in-name": answer(TE, body=CHUNKED[:-2] + b"X/Took: 5\r\n\r\n"),
    "trailer-space-before-colon": answer(TE, body=CHUNKED[:-2] + b"X-Took : 5\r\n\r\n"),
    "trailer-no-colon": answer(TE, body=CHUNKED[:-2] + b"rubbish\r\n\r\n"),
    "trailer-bytes": answer(TE, body=CHUNKED[:-2] + b"X: \x00\r\n\xff\xfe\r\n\r\n"),
    "trailer-folded-first": answer(TE, body=CHUNKED[:-2] + b"  folded\r\n\r\n"),
    "trailer-names-a-length": answer(TE, body=CHUNKED[:-2] + b"Content-Length: 5\r\n\r\n"),
    "trailer-cut": answer(TE, body=CHUNKED[:-2] + b"X-Took: 5\r\n"),
    "trailer-missing": answer(TE, body=CHUNKED[:-2]),
    "chunk-extension": answer(TE, body=CHUNKED.replace(b"\r\n", b";a=\xff;=\r\n", 1)),
    "chunk-size-and-spaces": answer(TE, body=CHUNKED.replace(b"\r\n", b"  \r\n", 1)),
}

# Name: nobody can know where the body ends, or that it is whole.
DOUBTFUL: dict[str, bytes] = {
    "chunk-size-negative": answer(TE, body=b"-4\r\nabcd\r\n0\r\n\r\n"),
    "chunk-size-prefixed": answer(TE, body=b"0x4\r\nabcd\r\n0\r\n\r\n"),
    "chunk-longer-than-said": answer(TE, body=b"4\r\nabcde\r\n0\r\n\r\n"),
    "chunk-after-space": answer(TE, body=b" 4\r\nabcd\r\n0\r\n\r\n"),
    "chunk-line-feeds-only": answer(TE, body=b"4\nabcd\n0\n\n"),
    "chunk-last-missing": answer(TE, body=b"4\r\nabcd\r\n"),
}
