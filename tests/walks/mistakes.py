"""Mistakes to plant in the scripts: each is one that somebody could make, and the walks must find it (pure)."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Mistake:
    """script: whose text has `right`, once; "prelude" is in all of them."""

    name: str
    script: str
    right: str
    wrong: str

    def planted(self, text: str) -> str:
        """The text with it. Raises ValueError where the script has changed meanwhile."""
        if text.count(self.right) != 1:
            raise ValueError(f"{self.script}.lua has not once what {self.name!r} replaces: {self.right}")
        return text.replace(self.right, self.wrong)


MISTAKES = (
    Mistake(
        "a finish is taken from whoever sends it",
        "finish",
        "if call('HGET', entry(id), 'owner') == owner and call(",
        "if call(",
    ),
    Mistake(
        "a claim wins what another holds",
        "claim",
        "if call('ZSCORE', P .. 'ready:' .. stage, id) then",
        "if call('ZSCORE', P .. 'ready:' .. stage, id) or call('ZSCORE', P .. 'leased:' .. stage, id) then",
    ),
    Mistake(
        "a freed host is not announced", "prelude", "  announce_all(host)\nend\n\n-- Of a way", "end\n\n-- Of a way"
    ),
    Mistake(
        "a host that is busy is announced",
        "prelude",
        "if not h[1] then call('ZADD', P .. 'due:' .. p,",
        "if true then call('ZADD', P .. 'due:' .. p,",
    ),
    Mistake(
        "a host that nobody saw let go of is asked at once",
        "prelude",
        "free_host(e[1], id, math.max(now + delay, lasts))",
        "free_host(e[1], id, now + delay)",
    ),
    Mistake(
        "after a restart nobody is quiet",
        "prelude",
        "return since and math.max(since + QUIET_S - now, 0) or 0, since,",
        "return 0, since,",
    ),
    Mistake(
        "a jump ahead ends leases",
        "prelude",
        "        at = math.max(at, now + QUIET_S + 2)\n",
        "",
    ),
    Mistake(
        "a jump back leaves what waits where it was",
        "prelude",
        "local at = tonumber(members[i + 1]) - back",
        "local at = tonumber(members[i + 1])",
    ),
    Mistake(
        "a pause that was lost with a restart is not made up for",
        "dispatch",
        "local lost = restarted and next_at <= restarted",
        "local lost = false",
    ),
    Mistake(
        "hold believes whoever says that it asks",
        "hold",
        "(e[1] == 'queued' or (e[1] == 'ready' and e[4] == a.stage)) and e[2] == a.host and free then",
        "e[1] and e[2] == a.host then",
    ),
    Mistake(
        "all that a killed worker held counts against each",
        "prelude",
        "local guilty = crashes >= max_crashes and alone >= math.min(ALONE_LEAST, max_crashes)",
        "local guilty = crashes >= max_crashes",
    ),
    Mistake(
        "a settled address is counted again when it is offered again",
        "add",
        "elseif call('HEXISTS', P .. 'seen:' .. string.sub(c.id, 1, 4), string.sub(c.id, 5)) == 1 then",
        "elseif false then",
    ),
    Mistake(
        "a lost hint is not sent again",
        "sweep",
        "  due_again(stage, ids, now + hint)\n",
        "  for _, id in ipairs(ids) do call('ZADD', P .. 'ready:' .. stage, '+inf', id) end\n",
    ),
    Mistake(
        "a reopened address keeps its outcome's count",
        "prelude",
        "  if e[1] ~= 'settled' then return false end\n  count('outcome:' .. e[2], -1)\n",
        "  if e[1] ~= 'settled' then return false end\n",
    ),
    Mistake(
        "renewing believes whoever asks",
        "renew",
        "if call('HGET', entry(id), 'owner') == owner and call(",
        "if call(",
    ),
    Mistake(
        "the end of one worker ends the leases of all",
        "sweep",
        "if dead == '*' or owner == dead or string.sub(owner, 1, #dead + 1) == dead .. '/' then",
        "if owner then",
    ),
)
