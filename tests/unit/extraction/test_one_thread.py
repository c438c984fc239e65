"""Extraction leaves the process's BLAS as it was, whatever happens within and however many threads extract."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from threadpoolctl import ThreadpoolController

from newsmill.extraction import extract
from newsmill.extraction.blocks.one_thread import one_thread

PAGE = b"<h1>Harbour reopens</h1>" + b"<p>The harbour has opened again after the long repairs.</p>" * 8
BLAS = ThreadpoolController().select(user_api="blas")


def threads() -> set[int]:
    return {library.get_num_threads() for library in BLAS.lib_controllers}


@pytest.fixture(autouse=True)
def two_threads() -> Iterator[None]:
    with BLAS.limit(limits=2):
        yield


def test_extraction_leaves_blas_as_it_was() -> None:
    assert threads() == {2}
    assert extract(PAGE).text
    assert threads() == {2}


def test_one_thread_within() -> None:
    with one_thread():
        assert threads() == {1}
        with one_thread():
            assert threads() == {1}
        assert threads() == {1}
    assert threads() == {2}


def test_an_error_within_gives_them_back() -> None:
    with pytest.raises(ValueError, match="within"), one_thread():
        raise ValueError("within")
    assert threads() == {2}


def test_many_threads_leave_it_as_it_was() -> None:
    together = threading.Barrier(4, timeout=20)

    def work(_: int) -> None:
        for _ in range(50):
            with one_thread():
                pass
        together.wait()  # every thread is alive until all are done
        assert extract(PAGE).text

    for _ in range(3):
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(work, range(4)))
        assert threads() == {2}
