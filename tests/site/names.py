"""Names for tests: a resolver that answers from a table, one that rebinds included."""

from collections.abc import Mapping, Sequence

from newsmill.http.answer import DnsFailure


class FakeDns:
    """A `Resolver`. A name's answers are given out one after the other, the last one for ever."""

    def __init__(self, table: Mapping[str, Sequence[Sequence[str]]] | None = None) -> None:
        self.table = {name: list(answers) for name, answers in (table or {}).items()}
        self.asked: list[str] = []

    async def resolve(self, host: str) -> Sequence[str]:
        """The next answer for `host`. Raises DnsFailure."""
        self.asked.append(host)
        answers = self.table.get(host)
        if not answers:
            raise DnsFailure(f"{host} does not resolve")
        return answers.pop(0) if len(answers) > 1 else answers[0]
