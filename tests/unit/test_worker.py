"""What a worker does with its process."""

import resource

import pytest

from workers.worker import OPEN_FILES, queues_of, raise_open_files


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
    ],
)
def test_the_queues_of_a_command(argv: list[str], stages: tuple[str, ...]) -> None:
    assert queues_of(argv) == stages
