"""What a worker does with its process."""

import resource
from pathlib import Path

import pytest

from newsmill.download.chromium import no_browser
from newsmill.settings import RenderSettings, Settings
from workers.runtime.pools import pool_for, queues_of
from workers.runtime.worker import OPEN_FILES, raise_open_files


def test_the_limit_of_open_files_is_raised_as_far_as_it_goes() -> None:
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (256, before[1]))
    try:
        raise_open_files()
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        assert hard == before[1]
        assert soft in (OPEN_FILES, hard)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)


@pytest.mark.parametrize(
    ("argv", "stages"),
    [
        (["worker", "-Q", "parse"], ("parse",)),
        (["worker", "--queues=fetch,index"], ("fetch", "index")),
        (["worker", "-Qproduce"], ("produce",)),
        (["worker", "-Q", "render"], ("render",)),
        (["worker"], ("produce", "fetch", "parse", "index")),
    ],
)
def test_the_queues_of_a_command(argv: list[str], stages: tuple[str, ...]) -> None:
    assert queues_of(argv) == stages


@pytest.mark.parametrize(
    ("queues", "pool", "concurrency"),
    [(("render",), "threads", 3), (("index",), "threads", 3), (("fetch", "render"), "threads", 24)],
)
def test_a_render_worker_takes_no_more_pages_than_its_browser(
    queues: tuple[str, ...], pool: str, concurrency: int
) -> None:
    s = Settings(render=RenderSettings(pages=3))
    assert pool_for(queues, s) == {"worker_pool": pool, "worker_concurrency": concurrency}


def test_what_rendering_lacks_is_said(tmp_path: Path) -> None:
    assert str(tmp_path / "browser") in no_browser(str(tmp_path / "browser")) or "Playwright" in no_browser()
