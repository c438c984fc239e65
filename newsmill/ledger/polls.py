"""Polls in the ledger: each rests between its times (zset `sources`), and is an entry like a page's when it works."""

from collections.abc import Collection, Iterator, Mapping
from typing import cast

from newsmill.ledger.entry import PollEntry, a_poll
from newsmill.ledger.scripts import SCAN_CHUNK, Scripts


class Polls(Scripts):
    """What is scheduled, and when."""

    def put_poll(self, id: str, fields: Mapping[str, str], wait_s: float | None = 0.0) -> None:
        """Makes a poll known, or changes what is configured of it.

        wait_s: seconds until its next time, if it is idle; None leaves the schedule as it is.
        """
        key = f"{self.prefix}e:{id}"
        kept = {k: v for k, v in fields.items() if v != ""}
        self.client.hsetnx(key, "state", "idle")
        self.client.hset(key, mapping=kept)  # type: ignore[arg-type]
        if wait_s is not None:
            self.poll_in(id, wait_s)

    def put_polls(self, polls: Mapping[str, Mapping[str, str]], waits: Mapping[str, float | None]) -> None:
        """Makes many known, in few round trips. waits: seconds until the next time of each; None for never."""
        ids, script = list(polls), self._script("poll")
        for start in range(0, len(ids), SCAN_CHUNK):
            pipe = self.client.pipeline(transaction=False)
            for id in ids[start : start + SCAN_CHUNK]:
                key = f"{self.prefix}e:{id}"
                pipe.hsetnx(key, "state", "idle")
                pipe.hset(key, mapping={k: v for k, v in polls[id].items() if v != ""})
                wait_s = waits[id]
                script(keys=[self.prefix], args=[repr(self.now), id, "" if wait_s is None else wait_s], client=pipe)
            pipe.execute()

    def poll_in(self, id: str, wait_s: float | None, once: bool = False) -> bool:
        """Sets the next time of an idle poll; False if it waits or runs.

        wait_s: None for never, until this is called again; one that runs rests when it ends. once: so it does anyhow.
        """
        return bool(self._run("poll", id, "" if wait_s is None else wait_s, int(once)))

    def pause_poll(self, id: str, since: float) -> None:
        """Keeps a poll off the schedule until `resume_poll`, whatever the sources file says. since: epoch seconds."""
        self.client.hset(f"{self.prefix}e:{id}", "paused", f"{since:.0f}")
        self.poll_in(id, None)

    def resume_poll(self, id: str) -> None:
        """Ends a pause; the poll is due when `poll_in` says so."""
        self.client.hdel(f"{self.prefix}e:{id}", "paused")

    def configured(self) -> set[str]:
        """Ids of the polls that are configured; empty in a ledger that no version with `configure` worked on."""
        return cast("set[str]", self.client.smembers(f"{self.prefix}configured"))

    def configure(self, ids: Collection[str]) -> None:
        """Keeps which polls are configured now."""
        key = f"{self.prefix}configured"
        with self.client.pipeline() as pipe:
            pipe.delete(key)
            if ids:
                pipe.sadd(key, *ids)
            pipe.execute()

    def waiting_file(self) -> dict[str, str]:
        """The changed sources file that is not taken up yet: seen, since, removed, of; empty if there is none."""
        return cast("dict[str, str]", self.client.hgetall(f"{self.prefix}sources-waiting"))

    def note_waiting_file(self, fields: Mapping[str, str]) -> None:
        """Keeps them; no fields: there is none."""
        key = f"{self.prefix}sources-waiting"
        with self.client.pipeline() as pipe:
            pipe.delete(key)
            if fields:
                pipe.hset(key, mapping=dict(fields))  # type: ignore[arg-type]
            pipe.execute()

    def drop_poll(self, id: str) -> None:
        """Forgets the poll of a source that was removed."""
        self._run("drop", id)

    def polls(self) -> Iterator[PollEntry]:
        """Every poll, in no order."""
        return map(a_poll, self._scan("e:poll:*"))

    def scheduled(self, match: str = "*") -> Iterator[str]:
        """Ids of the polls that have a next time, in no order, while others work. match: as Redis' SCAN has it."""
        return (str(id) for id, _ in self.client.zscan_iter(f"{self.prefix}sources", match=match, count=SCAN_CHUNK))

    def read_anew(self, id: str) -> None:
        """Forgets what the last poll read of a document: the next one takes it as new."""
        self.client.hdel(f"{self.prefix}e:{id}", "etag", "last_modified", "read", "cut")

    def taken_up(self) -> str:
        """Hash of the sources file that was taken up last; empty if none was."""
        return cast("str | None", self.client.get(f"{self.prefix}sources-file")) or ""

    def take_up(self, seen: str) -> None:
        """Keeps the hash of the sources file that is taken up now."""
        self.client.set(f"{self.prefix}sources-file", seen)
