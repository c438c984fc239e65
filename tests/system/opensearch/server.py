"""A real OpenSearch for the tests: OPENSEARCH_URL if it is set, else one JVM made of Maven artefacts.

The artefacts (70 MB) are fetched once with mvn, into $NEWSMILL_TEST_CACHE or ~/.cache/newsmill. Tried with
OpenSearch 3.8.0 on Temurin 25: it answers after 9 s and takes 400 MB.
"""

import fcntl
import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator
from pathlib import Path

POM = Path(__file__).with_name("pom.xml")
OLDEST_JAVA = 21
HEAP = "-Xmx512m"
FETCH_S = 600
START_S = 120
FIRST_PORT, LAST_PORT = 9201, 9298  # the runner takes the first free one above its base, and none above 9299


class NotPossible(Exception):
    """OpenSearch cannot run here; the message says what is missing."""


def find_java() -> Path:
    """A java that is new enough, from JAVA_HOME, the PATH or /usr/lib/jvm."""
    homes = [Path(os.environ["JAVA_HOME"])] if "JAVA_HOME" in os.environ else []
    on_path = shutil.which("java")
    found = [home / "bin" / "java" for home in (*homes, *sorted(Path("/usr/lib/jvm").glob("*"), reverse=True))]
    for java in [*found, *([Path(on_path)] if on_path else [])]:
        if java.is_file() and _version(java) >= OLDEST_JAVA:
            return java
    raise NotPossible(f"no Java {OLDEST_JAVA} or newer")


def _version(java: Path) -> int:
    answer = subprocess.run([java, "-version"], capture_output=True, text=True, check=False, timeout=30)
    version = re.search(r'version "(\d+)', answer.stderr)
    return int(version[1]) if version else 0


def find_jars() -> Path:
    """The folder of jars, fetched if it is not there yet."""
    cache = Path(os.environ.get("NEWSMILL_TEST_CACHE") or Path.home() / ".cache" / "newsmill") / "opensearch"
    jars = cache / hashlib.sha256(POM.read_bytes()).hexdigest()[:16]
    cache.mkdir(parents=True, exist_ok=True)
    with (cache / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if jars.is_dir():
            return jars
        mvn = shutil.which("mvn")
        if not mvn:
            raise NotPossible("no mvn to fetch OpenSearch with")
        fresh = jars.with_suffix(".part")
        shutil.rmtree(fresh, ignore_errors=True)
        command = [mvn, "-B", "-q", "-f", str(POM), "dependency:copy-dependencies", f"-DoutputDirectory={fresh}"]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=FETCH_S)
        if done.returncode:
            raise NotPossible(f"mvn could not fetch OpenSearch: {done.stdout[-400:]}")
        fresh.rename(jars)
    return jars


class Server:
    """One node with an empty folder. `kill` and `start` may be called again and again: the data stays."""

    def __init__(self, folder: Path) -> None:
        self.java, self.jars, self.folder = find_java(), find_jars(), folder
        self.cluster = f"newsmill-{uuid.uuid4().hex[:8]}"
        self.url = ""
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> str:
        """Its address, once it answers."""
        base = FIRST_PORT + int(self.cluster[-6:], 16) % (LAST_PORT - FIRST_PORT) - 1
        options = ["-basePath", str(self.folder), "-numOfNode", "1", "-clusterName", self.cluster]
        runner = ["org.codelibs.opensearch.runner.OpenSearchRunner", *options, "-baseHttpPort", str(base)]
        jvm = [str(self.java), "-Xms256m", HEAP, "-XX:TieredStopAtLevel=1", "--enable-native-access=ALL-UNNAMED"]
        with (self.folder / "output.log").open("ab") as output:
            self._process = subprocess.Popen(
                [*jvm, "-cp", f"{self.jars}/*", *runner], stdout=output, stderr=output, stdin=subprocess.DEVNULL
            )
        until = time.monotonic() + START_S
        while time.monotonic() < until and self._process.poll() is None:
            if found := self._find(base):
                self.url = found
                return found
            time.sleep(0.3)
        self.kill()
        raise NotPossible(f"OpenSearch did not start: {(self.folder / 'output.log').read_text()[-2000:]}")

    def kill(self) -> None:
        """kill -9."""
        if self._process:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()
            self._process = None

    def _find(self, base: int) -> str:
        for port in range(base + 1, LAST_PORT + 2):
            url = f"http://127.0.0.1:{port}"
            if answer := ask(url):
                if answer.get("cluster_name") == self.cluster and ready(url):
                    return url
            else:
                return ""
        return ""


def ask(url: str) -> dict[str, object]:
    """The JSON at a URL, or nothing if there is none."""
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            found = json.load(answer)
    except (OSError, urllib.error.URLError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def ready(url: str) -> bool:
    """Whether the cluster has a manager and its indexes are there."""
    health = ask(f"{url}/_cluster/health?wait_for_status=yellow&timeout=2s")
    return health.get("status") in ("green", "yellow") and health.get("timed_out") is False


def running(folder: Path) -> Iterator[str]:
    """The address of an OpenSearch, for as long as the caller needs it. Raises NotPossible."""
    given = os.environ.get("OPENSEARCH_URL")
    if given:
        yield given
        return
    server = Server(folder)
    try:
        yield server.start()
    finally:
        server.kill()
