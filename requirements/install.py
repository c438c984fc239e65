"""Makes .venv with what `requirements/<which>.txt` pins, and the project in it: with uv where that can be had, or pip.

    python3 requirements/install.py run|dev [FOLDER]

run: what `newsmill run` and `web` need. dev: everything, tests included. Needs nothing but Python and a package index;
every file is held against its hash. uv takes some seconds, pip one to three minutes.
"""

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
UV_WITHIN_S = 90  # for uv itself, 20 MB; then it saves more than that


def main(which: str, folder: str = ".venv") -> None:
    begun = time.monotonic()
    venv = Path(folder)
    python = venv / "bin" / "python"
    uv = shutil.which("uv")
    if not python.exists():
        print(f"making {venv}", flush=True)
        made = (
            uv and subprocess.run([uv, "venv", "-q", "--seed", "--python", sys.executable, str(venv)]).returncode == 0
        )
        if not made:
            subprocess.run([sys.executable, "-m", "venv", str(venv)], check=True)
    listed = HERE / f"{which}.txt"
    uv = uv or _fetched(python)
    if not (uv and _with_uv(uv, python, listed)):
        _with_pip(python, listed)
    _compile(python)
    print(f"installed in {time.monotonic() - begun:.0f} s", flush=True)


def _fetched(python: Path) -> str | None:
    """uv, in the environment itself; None where the index has none for this machine."""
    uv = python.parent / "uv"
    if not uv.exists():
        print("fetching uv", flush=True)
        pip = [str(python), "-m", "pip", "install", "-q", "--only-binary", ":all:", "uv"]
        try:
            subprocess.run(pip, check=True, timeout=UV_WITHIN_S, capture_output=True)
        except (subprocess.CalledProcessError, subprocess.TimeoutExpired):
            return None
    return str(uv) if uv.exists() else None


def _with_uv(uv: str, python: Path, listed: Path) -> bool:
    words = [uv, "pip", "install", "--compile-bytecode", "--python", str(python)]
    environment = {**os.environ, **_index_of_pip(python)}
    for more in (["--require-hashes", "-r", str(listed)], ["--no-deps", "-q", "-e", str(HERE.parent)]):
        if subprocess.run([*words, *more], env=environment).returncode:
            print("uv could not: pip does it", flush=True)
            return False
    return True


def _with_pip(python: Path, listed: Path) -> None:
    many = sum(1 for line in listed.read_text("utf-8").splitlines() if "==" in line)
    print(f"installing {many} packages with pip, which takes a minute or more", flush=True)
    pip = [str(python), "-m", "pip", "install"]
    subprocess.run([*pip, "--require-hashes", "-r", str(listed)], check=True)
    subprocess.run([*pip, "-q", "--no-deps", "-e", str(HERE.parent)], check=True)


def _compile(python: Path) -> None:
    """Our own modules, too: where bytecode is not written at first use (`PYTHONDONTWRITEBYTECODE`, folders of another
    user), each of some ten processes would compile all it imports: 13.4 s of CPU for a run over one page instead
    of 7.4 (2026-11-28)."""
    ours = [str(HERE.parent / name) for name in ("newsmill", "workers")]
    subprocess.run([str(python), "-m", "compileall", "-q", *ours], check=False)


def _index_of_pip(python: Path) -> dict[str, str]:
    """uv's variables for the index that pip is told of; uv reads none of pip's own."""
    code = (
        "import json; from pip._internal.configuration import Configuration as C\n"
        "c = C(isolated=False); c.load(); print(json.dumps({k.split('.', 1)[1]: v for k, v in c.items()}))"
    )
    try:
        done = subprocess.run([str(python), "-c", code], capture_output=True, text=True, timeout=30, check=True)
        told = {str(key): str(value) for key, value in json.loads(done.stdout).items()}
    except (subprocess.SubprocessError, ValueError):
        return {}
    names = {
        "index-url": "UV_DEFAULT_INDEX",
        "extra-index-url": "UV_INDEX",
        "find-links": "UV_FIND_LINKS",
        "cert": "SSL_CERT_FILE",
        "default-timeout": "UV_HTTP_TIMEOUT",
        "timeout": "UV_HTTP_TIMEOUT",
    }
    meant = {names[key]: value for key, value in told.items() if key in names}
    return {name: value for name, value in meant.items() if name not in os.environ}


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3) or sys.argv[1] not in ("run", "dev"):
        sys.exit(__doc__)
    try:
        main(*sys.argv[1:])
    except subprocess.CalledProcessError as error:
        sys.exit(f"installing failed: {' '.join(map(str, error.cmd[:6]))} … ended with {error.returncode}")
