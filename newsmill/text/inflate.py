"""What is inside a gzip stream, as it arrives, within bounds (pure)."""

import zlib
from collections.abc import Iterable, Iterator
from itertools import chain

MAGIC = b"\x1f\x8b"
STEP = 1 << 16  # bytes; what one turn takes in, and what it may bring forth
LAYERS = 3  # some servers compress what is compressed; nobody does it more often in good faith


class TooLarge(ValueError):
    """The text is larger than what is read of one."""


def gunzip(chunks: Iterable[bytes], limit: int) -> Iterator[bytes]:
    """The bytes inside a gzip stream (up to LAYERS of them), or `chunks` as they are when they are no gzip.

    No more than STEP bytes a layer are held at a time. Raises TooLarge after `limit` bytes of output of any layer,
    ValueError where the stream is broken; a stream that just ends early is taken as it is.
    """
    found = _sliced(chunks)
    for _ in range(LAYERS):
        found = _bounded(_inflated(found), limit)
    return found


def _bounded(pieces: Iterable[bytes], limit: int) -> Iterator[bytes]:
    total = 0
    for piece in pieces:
        total += len(piece)
        if total > limit:
            raise TooLarge(f"larger than {limit:,} bytes")
        yield piece


def _sliced(chunks: Iterable[bytes]) -> Iterator[bytes]:
    for chunk in chunks:
        for start in range(0, len(chunk), STEP):
            yield chunk[start : start + STEP]


def _inflated(pieces: Iterable[bytes]) -> Iterator[bytes]:
    stream = iter(pieces)
    head = b""
    while len(head) < len(MAGIC) and (more := next(stream, None)) is not None:
        head += more
    if not head.startswith(MAGIC):
        yield from chain((head,) if head else (), stream)
        return
    inflater = zlib.decompressobj(zlib.MAX_WBITS | 16)
    for data in chain((head,), stream):
        while data or not inflater.eof:
            if inflater.eof:  # members may follow each other; what follows the last one is padding
                data = data.lstrip(b"\0")
                if not data:
                    break
                if not data.startswith(MAGIC[: len(data)]):
                    return
                inflater = zlib.decompressobj(zlib.MAX_WBITS | 16)
            try:
                piece = inflater.decompress(data, STEP)
            except zlib.error as error:
                raise ValueError(f"broken gzip: {error}") from error
            if piece:
                yield piece
            data = inflater.unused_data if inflater.eof else inflater.unconsumed_tail
            if not piece and not data:
                break
