"""One zstd frame with its length and checksum in it (pure)."""

import zstandard

LEVEL = 3  # zstd's default; news pages shrink to about an eighth at 0.3 ms a page
MAX_CONTENT = 256 << 20  # bytes; above anything the stores write, so a damaged length cannot exhaust memory


def compress(data: bytes) -> bytes:
    """A frame that `decompress` can check. Raises ValueError for what it would not read back."""
    if len(data) > MAX_CONTENT:
        raise ValueError(f"{len(data)} bytes in a frame; at most {MAX_CONTENT} are read back")
    return zstandard.ZstdCompressor(level=LEVEL, write_checksum=True, write_content_size=True).compress(data)


def decompress(frame: bytes) -> bytes:
    """The content of a frame. Raises ZstdError for a torn or altered one, ValueError for one that claims too much."""
    size = zstandard.frame_content_size(frame)
    if not 0 <= size <= MAX_CONTENT:
        raise ValueError(f"a frame of {size} bytes; at most {MAX_CONTENT} are read")
    return zstandard.ZstdDecompressor().decompress(frame, max_output_size=MAX_CONTENT, allow_extra_data=False)
