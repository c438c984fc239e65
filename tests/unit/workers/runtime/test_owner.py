"""In whose name a worker leases."""

from workers.runtime.tools import child_name, worker_name, worker_owner


def test_two_workers_of_one_name_have_marks_of_their_own():
    one, two = worker_owner("fetch@host", 1), worker_owner("fetch@host", 1)
    assert one != two


def test_a_supervisor_and_a_parent_know_it_by_its_beginning():
    owner = worker_owner("parse@host", 7)
    assert owner.startswith(f"{worker_name('parse@host', 7)}/")
    assert child_name(owner, 8).startswith(f"{owner}/")
