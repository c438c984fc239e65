"""A real S3 server for the tests: versitygw, which the compose file's profile s3 runs, over a folder.

The one on the PATH, else one that `python -m tests.system.s3.server` (make s3-server) has built once with Go, into
$NEWSMILL_TEST_CACHE or ~/.cache/newsmill. Tried with 1.8.0 and Go 1.26: building takes 3.5 minutes of CPU, 90 MB; it
answers after 0.2 s. Its objects are files with extended attributes, which a tmpfs has only since Linux 6.6.
"""

import fcntl
import os
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

MODULE, VERSION = "github.com/versity/versitygw/cmd/versitygw", "v1.8.0"
BUILD_S = 1500
START_S = 20
ACCESS_KEY, SECRET_KEY, REGION = "newsmill", "secret", "eu-central-1"


class NotPossible(Exception):
    """The server cannot run here; the message says what is missing."""


def _cached() -> Path:
    cache = Path(os.environ.get("NEWSMILL_TEST_CACHE") or Path.home() / ".cache" / "newsmill")
    return cache / "s3" / VERSION / "versitygw"


def find() -> Path:
    """The program."""
    on_path = shutil.which("versitygw")
    if on_path:
        return Path(on_path)
    if _cached().is_file():
        return _cached()
    raise NotPossible("no versitygw: `make s3-server` builds it (with Go, in some minutes)")


def build() -> Path:
    """The program, built if there is none."""
    try:
        return find()
    except NotPossible:
        pass
    go = shutil.which("go")
    if not go:
        raise NotPossible("no go to build versitygw with")
    folder = _cached().parent
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not _cached().is_file():
            fresh = folder / "new"
            done = subprocess.run(
                [go, "install", "-ldflags=-s", f"{MODULE}@{VERSION}"],
                env={**os.environ, "GOBIN": str(fresh), "CGO_ENABLED": "0"},
                capture_output=True,
                text=True,
                check=False,
                timeout=BUILD_S,
            )
            if done.returncode:
                raise NotPossible(f"go could not build versitygw: {done.stderr[-400:]}")
            (fresh / "versitygw").rename(_cached())
    return _cached()


def running(folder: Path, buckets: tuple[str, ...] = ("pages",)) -> Iterator[str]:
    """Its address, for as long as the caller needs it. Raises NotPossible."""
    for bucket in buckets:
        (folder / bucket).mkdir(parents=True)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    keys = {"ROOT_ACCESS_KEY": ACCESS_KEY, "ROOT_SECRET_KEY": SECRET_KEY, "VGW_REGION": REGION}
    command = [str(find()), "--port", f"127.0.0.1:{port}", "--health", "/health", "--quiet", "posix", str(folder)]
    with (folder.parent / f"{folder.name}.log").open("ab") as output:
        process = subprocess.Popen(command, env={**os.environ, **keys}, stdout=output, stderr=output)
    try:
        _wait(process, f"http://127.0.0.1:{port}/health", Path(output.name))
        yield f"http://127.0.0.1:{port}"
    finally:
        process.kill()
        process.wait()


def _wait(process: "subprocess.Popen[bytes]", health: str, log: Path) -> None:
    until = time.monotonic() + START_S
    while time.monotonic() < until and process.poll() is None:
        try:
            urllib.request.urlopen(health, timeout=5).close()
            return
        except (OSError, urllib.error.URLError):
            time.sleep(0.05)
    raise NotPossible(f"versitygw did not start: {log.read_text()[-2000:]}")


if __name__ == "__main__":
    print(build())
