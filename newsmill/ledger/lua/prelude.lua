-- Shared by every script of this folder (put in front of it when it is loaded).
--
-- Keys, all behind one prefix (KEYS[1], "nm:" by default):
--   e:<id>            hash    an entry: the state of one address, or of one poll (id "poll:...")
--   n                 hash    counters: accepted, queued, outcome:<name>; polls_queued; changes of all these; settled:<name> ever;
--                             moved:<stage>, and of the frontier: what left it, ever
--   q:<p>:<host>      list    ids that wait for a host, by priority p (0 fresh, 1 normal, 2 backfill).
--                             A ticket, not the truth: it counts only while e:<id> is queued for this host.
--   due:<p>           zset    host -> time it may be asked again; only hosts that are not busy and have a q:<p>
--   host:<host>       hash    busy (id in flight), groups (JSON: whose turns that takes), next_at, unseen (nobody saw its last
--                             request end), ip, site, and the
--                             politeness state written by fetch
--   ipbusy            hash    ip -> hosts in flight on it
--   turns:<group>     set     hosts in flight of a group: page|poll, then site:<site>, source:<name>, new or slow
--   active:<kind>     zset    site:<site> and source:<name> -> time of its last turn, of the last minute
--   parked:<group>    zset    host -> time it was put aside, since its group (ip:<ip> too) had all its turns. It stands in
--                             due:<p> as well, for much later.
--   parked            hash    group -> turns that it may have; groups with hosts put aside
--   waiting           hash    site:<site>, source:<name>, all -> addresses queued; part: not all are counted by site and source
--   new:<day>         hash    site:<site>, source:<name> -> addresses accepted on a day; kept for two days
--   bytes:<day>       hash    site:<site>, source:<name> -> bytes of raw pages kept on a day; kept for two days
--   over:<day>        hash    the same, of those over their share -> addresses refused, or hosts put off, for that
--   reopened:<hour>   hash    source -> settled addresses that it opened again in an hour
--   schema            hash    number, oldest: which versions may work here (schema.py); upgrading, done, position, cursor, met while
--                             `newsmill upgrade` is at work
--   search-index      string  id of the search index that the articles were written to
--   server            string run id of the Redis server that dispatched last
--   restarted         string time at which another one, or a jump of its clock, was noticed
--   clock             string time at which the clock was looked at last, to the second
--   browsers          string there while a render worker lives (it expires)
--   rendering         zset    id -> time it was sent to a browser
--   delayed           zset    id -> time it goes back to its host's queue
--   ready:<stage>     zset    id -> time of its next hint to the broker
--   leased:<stage>    zset    id -> end of the lease
--   recrawl           zset    id -> time it is looked at again (settled entries)
--   retire            zset    id -> time it shrinks into seen (settled entries)
--   seen:<4 chars>    hash    rest of the id -> code of the outcome: known addresses, a few bytes each
--   own:<document id> string  the id that holds a document which is not its own canonical address
--   copies:<document> set     ids of entries that say to be copies of it, while it is not there; for a month
--   sources           zset    poll id -> time of the next poll
--   health:<state>    set     polls of sources that are silent, failing or dead (schedule.State)
--   sources-file      string hash of the sources file that was taken up last (workers without a supervisor)
--   sources-waiting   hash    seen (hash of a changed sources file), since, removed, of: not taken up yet (taking_up.py)
--   configured        set     polls of the sources that are configured now
--   workers           zset    "<queue> <worker>" -> when it was heard of last; beat stands for a queue of its own
--   measured          hash    durations of stages by upper bound, answers by class, bytes (measured.py)
--   paused            hash    why, since: nobody is asked while it is there
--   delays:<day>      hash    publication to search: quarter octaves of seconds -> articles; a hash a day, for three days
--   changes           stream  what became of articles, for those who follow: kind, id, url, title, story, version (changes.py)
--   changes-trimmed   string  id of the last of these that is not kept any more
--   window            hash    size (pages in progress allowed), reason
--   progress          hash    place with work -> what has left it, ever, and since when that number stands (stall.py)
--   check             hash    cursor, found, faults, example: how far the mill's own audit is (self_check.py)
--
-- Entry fields: url, at (address to ask now, when a redirect moved it), chain, cookies (of the chain; they end with it), host, source, priority, depth, added,
--   home (the host its looks begin at, while a redirect has it elsewhere), moved (where they begin, when the page has
--   moved for good), render (it needs a browser), rendered (it was made by one), state (queued | delayed | ready | leased | settled | idle), stage, crashes, alone (those of them that had it alone), company (its worker has others as well), claimed, tries, solo, owner,
--   outcome, reason, settled, said (what the source says of the page, until it is parsed: then what of it was used),
--   copy_of (address that it says to be a copy of), judged (document id and version
--   that this was judged by), unread (times its documents object could not be read back), and what the stages keep (etag, modified, raw, doc, fetched, fingerprint, ...).
--   No field is kept empty: an absent field is the empty one.
-- Times are seconds since the epoch by this server's clock, so that workers need not agree on theirs.

local P = KEYS[1]
local call = redis.call
local PRIORITIES = {'0', '1', '2'}
local PAGE_STAGES = {'fetch', 'parse', 'index'}
local OUTCOMES = {'indexed', 'unchanged', 'duplicate', 'excluded', 'gone', 'empty', 'failed', 'quarantined'}

local POLL_PAUSE_S = 3600  -- a poll that crashed its worker again and again is tried again after this
local HOST_MEMORY_S = 30 * 86400  -- a host that was not asked for a month starts anew: bounded memory

local REQUEST_S = 75  -- seconds after its claim in which a request has ended, or is given up (stages.py)

local NOW, OWN_CLOCK = 0, false
local function clock(given)  -- "0" asks for the server's clock; tests pass a time
  OWN_CLOCK = tonumber(given) <= 0
  local t = OWN_CLOCK and call('TIME') or {given, '0'}
  NOW = tonumber(t[1]) + tonumber(t[2]) / 1000000
  return NOW
end

local function entry(id) return P .. 'e:' .. id end
local function is_poll(id) return string.sub(id, 1, 5) == 'poll:' end
local function count(name, by)
  call('HINCRBY', P .. 'n', name, by)
  call('HINCRBY', P .. 'n', 'changes', 1)
end
local function site_of(host) return call('HGET', P .. 'host:' .. host, 'site') or host end
local function count_queued(id, by)
  count(is_poll(id) and 'polls_queued' or 'queued', by)
  if is_poll(id) then return end
  local e = call('HMGET', entry(id), 'source', 'host')
  for _, name in ipairs({'all', 'source:' .. (e[1] or ''), 'site:' .. site_of(e[2] or '')}) do
    if call('HINCRBY', P .. 'waiting', name, by) <= 0 then call('HDEL', P .. 'waiting', name) end
  end
end
local DAY_S = 86400
local function today(name) return P .. name .. ':' .. math.floor(NOW / DAY_S) end
local GROUPS_A_DAY = 100000  -- 10 MB; who comes later that day is not counted
local function count_today(name, group, by)
  local key = today(name)
  if call('HLEN', key) >= GROUPS_A_DAY and call('HEXISTS', key, group) == 0 then return end
  if call('HINCRBY', key, group, by) == by then call('EXPIRE', key, 2 * DAY_S) end
end
local function score(number) return string.format('%.6f', number) end

local UNWELL = {'silent', 'failing', 'dead'}
local function note_health(id, health)  -- "" is well, or not of interest any more
  for _, state in ipairs(UNWELL) do call(state == health and 'SADD' or 'SREM', P .. 'health:' .. state, id) end
end

-- The server's clock has jumped: it, or its machine, was stopped or set. Whoever lives renews its leases within QUIET_S.
-- A jump ahead ends none before that; one back takes all that waits along, so that nothing waits for longer than was meant.
local GAP_S, BACK_S = 10, 2  -- somebody looks every second or two, while anybody lives; hands of clocks are set by less
local MOVED_MOST = 200000  -- looks, days away, that are put right: half a second of Redis
local LOCKS = {'tick', 'tick-pending', 'reindex-hint', 'retention'}  -- they end by the same clock
local QUIET_S = 5  -- every worker's heart beats at least every two
local function jumped(now, back)
  local sets = {'leased:produce', 'leased:fetch', 'leased:parse', 'leased:index'}
  if back > 0 then
    for _, p in ipairs(PRIORITIES) do sets[#sets + 1] = 'due:' .. p end
    for _, set in ipairs({'ready:produce', 'ready:fetch', 'ready:parse', 'ready:index', 'delayed', 'sources', 'recrawl', 'rendering'}) do
      sets[#sets + 1] = set
    end
    for _, lock in ipairs(LOCKS) do call('DEL', P .. 'lock:' .. lock) end
  end
  local rests = {}
  for _, set in ipairs(sets) do
    local few = set ~= 'recrawl' or call('ZCARD', P .. set) <= MOVED_MOST
    local members = few and call('ZRANGE', P .. set, 0, -1, 'WITHSCORES') or {}
    for i = 1, #members, 2 do
      local at = tonumber(members[i + 1]) - back
      if string.sub(set, 1, 6) == 'leased' then
        at = math.max(at, now + QUIET_S + 2)
        call('HSET', entry(members[i]), 'claimed', score(now))  -- a request may have begun just before
      end
      call('ZADD', P .. set, score(at), members[i])
      local host = string.sub(set, 1, 4) == 'due:' and P .. 'host:' .. members[i]
      local next_at = host and not rests[host] and tonumber(call('HGET', host, 'next_at') or '')
      if next_at then
        rests[host] = true
        call('HSET', host, 'next_at', score(next_at - back))
      end
    end
  end
end

-- True if the clock has jumped since it was looked at last.
local function looked_at(now)
  if not OWN_CLOCK then return false end
  local last = tonumber(call('GET', P .. 'clock') or '')
  if not last or now > last + 1 or now < last then call('SET', P .. 'clock', score(now)) end
  if not last or (now - last <= GAP_S and last - now <= BACK_S) then return false end
  jumped(now, math.max(last - now, 0))
  return true
end

-- A server that was killed may have lost its last moments: dispatches, claims, ends of turns. Those who were asking then
-- say so within QUIET_S (hold.lua); nobody is asked meanwhile. Returns the seconds that are left of it, and when it began.
local function quiet(now)
  local run = string.match(call('INFO', 'server'), 'run_id:(%w+)')
  local known = call('GET', P .. 'server')
  local jump = looked_at(now)
  if known ~= run or jump then
    call('SET', P .. 'server', run)
    if known then
      call('SET', P .. 'restarted', score(now), 'EX', HOST_MEMORY_S)
      for _, stage in ipairs({'fetch', 'produce'}) do  -- hinted again when it is over
        for _, id in ipairs(call('ZRANGE', P .. 'ready:' .. stage, 0, -1)) do
          call('ZADD', P .. 'ready:' .. stage, score(now + QUIET_S), id)
        end
      end
    end
  end
  local since = tonumber(call('GET', P .. 'restarted') or '')
  return since and math.max(since + QUIET_S - now, 0) or 0, since, run .. (since and ' ' .. since or '')
end

local function in_progress()
  local n = 0
  for _, stage in ipairs(PAGE_STAGES) do
    n = n + call('ZCARD', P .. 'ready:' .. stage) + call('ZCARD', P .. 'leased:' .. stage)
  end
  return n
end

-- When a host may be asked, by a clock that was not set back since: no later than its last pause from now on.
local function meant(next_at, wait_s)
  return math.min(tonumber(next_at), NOW + math.max(tonumber(wait_s or '0'), REQUEST_S))
end

-- A host with waiting ids and nobody in flight stands in due:<p>, once for each priority it has ids in.
-- One that was never asked stands behind those that were due before.
local function announce(host, p)
  local h = call('HMGET', P .. 'host:' .. host, 'busy', 'next_at', 'wait_s')
  if not h[1] then call('ZADD', P .. 'due:' .. p, score(h[2] and meant(h[2], h[3]) or NOW), host) end
end

local function announce_all(host)
  for _, p in ipairs(PRIORITIES) do
    if call('EXISTS', P .. 'q:' .. p .. ':' .. host) == 1 then announce(host, p) end
  end
end

-- Hosts that were put aside come back, longest first.
local function unpark(group, most)
  local hosts = call('ZPOPMIN', P .. 'parked:' .. group, most)
  for i = 1, #hosts, 2 do announce_all(hosts[i]) end
  if #hosts < 2 * most then call('HDEL', P .. 'parked', group) end
end

local function enqueue(id, host, p, front)
  call('HSET', entry(id), 'state', 'queued')
  call(front and 'LPUSH' or 'RPUSH', P .. 'q:' .. p .. ':' .. host, id)
  count_queued(id, 1)
  announce(host, p)
end

local function make_ready(id, stage, when)
  call('HSET', entry(id), 'state', 'ready', 'stage', stage)
  call('ZADD', P .. 'ready:' .. stage, score(when), id)
end

-- The turn of `id` at its host is over: nobody is in flight there, and it may be asked again at `next_at`.
local function free_host(host, id, next_at)
  local key = P .. 'host:' .. host
  local h = call('HMGET', key, 'busy', 'next_at', 'busy_ip', 'groups', 'wait_s')
  if h[1] ~= id then return end
  call('HDEL', key, 'busy', 'busy_ip', 'groups')
  if h[3] then
    if call('HINCRBY', P .. 'ipbusy', h[3], -1) <= 0 then call('HDEL', P .. 'ipbusy', h[3]) end
    unpark('ip:' .. h[3], 1)
  end
  for _, group in ipairs(h[4] and cjson.decode(h[4]) or {}) do
    call('SREM', P .. 'turns:' .. group, host)
    unpark(group, 2)  -- one of them may have to wait for another group
  end
  call('HSET', key, 'next_at', score(math.max(next_at, h[2] and meant(h[2], h[5]) or 0)))
  call('EXPIRE', key, HOST_MEMORY_S)
  announce_all(host)
end

-- Of a way straight to the index its last step is told, and that robots.txt was asked for first is not.
local STRAIGHT = '%S+ fetch parse\n%S+ parse index\n(%S+ index indexed)'
local function shortened(story) return (string.gsub(string.gsub(story, '%S+ fetch requeue\n', ''), STRAIGHT, '%1')) end

local function settle(id, outcome, reason, now, retention)
  call('HSET', entry(id), 'state', 'settled', 'outcome', outcome, 'settled', score(now))
  call('HDEL', entry(id), 'owner', 'crashes', 'alone', 'company', 'claimed', 'tries', 'solo', 'cookies', 'status', 'size', 'documents')
  if reason == '' then call('HDEL', entry(id), 'reason') else call('HSET', entry(id), 'reason', reason) end
  local e = call('HMGET', entry(id), 'story', 'home', 'host')
  if e[1] then call('HSET', entry(id), 'story', shortened(e[1])) end
  if e[2] and e[2] == e[3] then call('HDEL', entry(id), 'home') end
  if outcome == 'gone' or outcome == 'excluded' or outcome == 'empty' then call('HDEL', entry(id), 'said') end
  count('outcome:' .. outcome, 1)
  call('HINCRBY', P .. 'n', 'settled:' .. outcome, 1)
  call('ZADD', P .. 'retire', score(now + retention), id)
end

local function go_home(id)
  local home = call('HGET', entry(id), 'home')
  if home then call('HSET', entry(id), 'host', home) end
  call('HDEL', entry(id), 'home', 'at', 'chain', 'cookies')
end

-- A settled entry goes back to the queue of its host: looked at again, retried, or found with a newer date.
local function reopen(id, p)
  local e = call('HMGET', entry(id), 'state', 'outcome')
  if e[1] ~= 'settled' then return false end
  count('outcome:' .. e[2], -1)
  call('HDEL', entry(id), 'outcome', 'reason', 'settled', 'tries', 'crashes', 'alone', 'solo', 'robots_at', 'robots_hops')
  go_home(id)
  call('ZREM', P .. 'recrawl', id)
  call('ZREM', P .. 'retire', id)
  call('HSET', entry(id), 'stage', 'fetch', 'priority', p)
  enqueue(id, call('HGET', entry(id), 'host'), p, false)
  return true
end

-- A settled entry is parsed again from its raw page.
local function parse_again(id)
  local e = call('HMGET', entry(id), 'state', 'outcome', 'raw')
  if e[1] ~= 'settled' or not e[3] then return end
  count('outcome:' .. e[2], -1)
  call('HDEL', entry(id), 'outcome', 'reason', 'settled')
  call('HSET', entry(id), 'anew', '1')
  call('ZREM', P .. 'retire', id)
  call('ZREM', P .. 'recrawl', id)
  make_ready(id, 'parse', NOW)
end

-- The claim of a worker that is gone: the entry is tried again, in a message of its own. It is quarantined only where it was
-- all that its worker had under way, ALONE_LEAST times, and `max_crashes` ends were counted in all: of many that were under
-- way when a process ended, all but one at most are innocent.
-- seen: the process was seen to end, and its request with it. killed: by somebody else, who was seen as well.
local ALONE_LEAST = 2
local function abandon(id, stage, now, max_crashes, retention, seen, killed)
  local e = call('HMGET', entry(id), 'host', 'priority', 'crashes', 'owner', 'company', 'alone', 'claimed')
  call('ZREM', P .. 'leased:' .. stage, id)
  if stage == 'fetch' then call('ZREM', P .. 'rendering', id) end
  call('HSET', entry(id), 'solo', '1')
  call('HDEL', entry(id), 'owner', 'company', 'claimed')
  local crashes, alone = tonumber(e[3] or '0'), tonumber(e[6] or '0')
  if not (killed and e[5]) then crashes = call('HINCRBY', entry(id), 'crashes', 1) end
  if not e[5] then alone = call('HINCRBY', entry(id), 'alone', 1) end
  local guilty = crashes >= max_crashes and alone >= math.min(ALONE_LEAST, max_crashes)
  local polite = stage == 'fetch' or stage == 'produce'
  if polite and e[1] then  -- its request may have ended only now: the host's whole delay counts from here
    local delay = tonumber(call('HGET', P .. 'host:' .. e[1], 'wait_s') or '1')
    local lasts = not seen and e[7] and math.min(tonumber(e[7]), now) + REQUEST_S or 0  -- or it goes on, unseen
    if lasts > now then call('HSET', P .. 'host:' .. e[1], 'unseen', '1') end
    free_host(e[1], id, math.max(now + delay, lasts))
  end
  local why = 'crashed ' .. stage .. ' ' .. crashes .. ' times, last on ' .. (e[4] or '?')
  if guilty and is_poll(id) then
    call('HSET', entry(id), 'state', 'idle', 'scheduled', '1', 'problem', why, 'polled', score(now))
    call('HINCRBY', entry(id), 'fails', max_crashes)
    call('HDEL', entry(id), 'crashes', 'alone')
    if call('HDEL', entry(id), 'rests') == 1 then
      call('HDEL', entry(id), 'scheduled')
    else
      call('ZADD', P .. 'sources', score(now + POLL_PAUSE_S), id)
    end
  elseif guilty then
    settle(id, 'quarantined', why, now, retention)
  elseif polite and e[1] then
    enqueue(id, e[1], e[2] or '1', true)
  else
    make_ready(id, stage, now)
  end
end
