-- Checks a portion of the ledger against the rest of it, and mends what it can. One call is one consistent picture, so
-- that the mill may work meanwhile.
-- ARGV: now, what, mend ("1": mend what is found), JSON {hint, retention} (seconds), then by `what`
--   "keys":     names of keys behind the prefix: entries, hosts, seen, own, turns, locks; others are passed over
--   "members":  name of a zset, members...
--   "queues":   names of queues; those that are long are only named, after a ">"
--   "tickets":  name of a queue, first and last place in it
--   "queued":   ids that may have no ticket
--   "waits":    the same; those of long queues are passed over
--   "twice":    name of a queue, ids that may have two tickets there
--   "flight":   -
--   "counters": JSON {counted: {name: n}, waiting: {name: n}, before: {name: n}}; before: the counters when counting began
-- Returns JSON {faults: [[subject, what is wrong, 1 if it was mended]], counts: {name: n}, ids: [...]}
local now, what, mending = clock(ARGV[1]), ARGV[2], ARGV[3] == '1'
local limits = cjson.decode(ARGV[4])
local faults, counts, ids = {}, {}, {}

local STAGES = {produce = true, fetch = true, parse = true, index = true}
local ASKS = {produce = true, fetch = true}
local NAMED = {}
for i, name in ipairs(OUTCOMES) do NAMED[name] = i end
local SLACK_S, DAY, YEAR = 60, 86400, 365 * 86400
local LEASE_MOST_S = 300  -- the version before gave up to 180 s
local HINT_MOST_S = 300  -- a setting that was higher until a moment ago
local PAUSE_MOST_S = 2 * DAY  -- Retry-After is honoured up to a day
local POLL_MOST_S, SETTLED_MOST_S = 400 * DAY, 20 * YEAR
local LOOK_MOST_S = 610  -- in dispatch.lua the longest time after which a host put aside is looked at again...
local PARKED_A_SECOND = 50  -- ... but for this

local function fault(subject, text, mend)
  local done = mending and mend ~= nil
  if done then mend() end
  faults[#faults + 1] = {subject, text, done and 1 or 0}
end
local function tally(name, by) counts[name] = (counts[name] or 0) + (by or 1) end

local function latest(place)  -- the latest time that may stand in a set
  local kind, stage = string.match(place, '^(%a+):?(%a*)$')
  if kind == 'ready' then return now + math.max(limits.hint, HINT_MOST_S) + SLACK_S end
  if kind == 'leased' then return now + LEASE_MOST_S end
  if kind == 'delayed' then return now + PAUSE_MOST_S end
  if kind == 'sources' then return now + POLL_MOST_S end
  return now + SETTLED_MOST_S + limits.retention
end

local SETS = {'delayed', 'sources', 'recrawl', 'retire', 'rendering'}
for stage in pairs(STAGES) do
  SETS[#SETS + 1] = 'ready:' .. stage
  SETS[#SETS + 1] = 'leased:' .. stage
end

-- What is known of it does not tell where it belongs: it begins anew, at its host, or (a poll) at its next time.
local function begin_anew(id)
  local e = call('HMGET', entry(id), 'host', 'url', 'priority')
  for _, set in ipairs(SETS) do call('ZREM', P .. set, id) end
  if not e[2] then  -- nobody can ask for it
    call('DEL', entry(id))
    return
  end
  call('HDEL', entry(id), 'outcome', 'reason', 'settled', 'owner', 'tries', 'crashes', 'alone', 'company', 'claimed', 'solo')
  if is_poll(id) then
    if e[1] then free_host(e[1], id, now) end
    call('HSET', entry(id), 'state', 'idle', 'stage', 'produce', 'scheduled', '1')
    call('ZADD', P .. 'sources', score(now), id)
    return
  end
  local host = e[1] or string.match(e[2], '^%a+://([^/?#]+)')
  local rests = tonumber(call('HGET', P .. 'host:' .. host, 'wait_s') or '1')
  free_host(host, id, now + rests)
  call('HSET', entry(id), 'stage', 'fetch', 'host', host)
  enqueue(id, host, NAMED[e[3] or ''] == nil and (e[3] == '0' or e[3] == '2') and e[3] or '1', false)
end

local function stands_in(id, place, mend, ever)  -- ever: it may stand there for good
  local at = call('ZSCORE', P .. place, id)
  if not at then
    fault(id, 'is not in ' .. place, mend)
  elseif not ever and tonumber(at) > latest(place) then
    fault(id, 'has a time in ' .. place .. ' that is too far away', mend)
  end
end

-- Whoever is on the way to be asked has the turn of its host, and nobody else.
local function has_its_turn(id, host)
  local busy = call('HGET', P .. 'host:' .. host, 'busy')
  if busy == id then return end
  fault(id, busy and 'is in flight at ' .. host .. ' beside ' .. busy or 'is in flight at ' .. host .. ', which is free', function()
    if busy then
      begin_anew(id)
      return
    end
    call('HSET', P .. 'host:' .. host, 'busy', id)
    for _, p in ipairs(PRIORITIES) do call('ZREM', P .. 'due:' .. p, host) end
  end)
end

local function check_settled(id, outcome)
  if not NAMED[outcome or ''] then
    fault(id, 'is settled with the outcome ' .. (outcome or '(none)'), function() begin_anew(id) end)
    return
  end
  tally('outcome:' .. outcome)
  local again, retire = call('ZSCORE', P .. 'recrawl', id), call('ZSCORE', P .. 'retire', id)
  if again and retire then
    fault(id, 'is in recrawl and in retire', function() call('ZREM', P .. 'retire', id) end)
  elseif not again then
    stands_in(id, 'retire', function() call('ZADD', P .. 'retire', score(now + limits.retention), id) end)
  elseif tonumber(again) > latest('recrawl') then
    fault(id, 'has a time in recrawl that is too far away', function() call('ZADD', P .. 'recrawl', score(now), id) end)
  end
end

local function check_queued(id, e)
  tally(is_poll(id) and 'polls_queued' or 'queued')
  ids[#ids + 1] = id
  if is_poll(id) then return end
  tally('source:' .. (e[6] or ''))
  tally('site:' .. site_of(e[3] or ''))
end

local function check_entry(id)
  local e = call('HMGET', entry(id), 'state', 'stage', 'host', 'outcome', 'owner', 'source', 'url', 'scheduled', 'root', 'retired')
  local state, stage, host = e[1], e[2] or '', e[3] or ''
  if not state and call('EXISTS', entry(id)) == 0 then return end  -- it has gone meanwhile
  local poll = is_poll(id)
  if not poll then tally('pages') end
  local known = state == 'queued' or state == 'ready' or state == 'leased' or state == (poll and 'idle' or 'delayed')
  if not (known or (state == 'settled' and not poll)) or not e[7] then
    fault(id, not e[7] and 'has no address' or 'is in no state that there is: ' .. (state or '(none)'), function() begin_anew(id) end)
    return
  end
  if not poll and call('HEXISTS', P .. 'seen:' .. string.sub(id, 1, 4), string.sub(id, 5)) == 1 then
    fault(id, 'is an entry, and shrunk as well', function() call('HDEL', P .. 'seen:' .. string.sub(id, 1, 4), string.sub(id, 5)) end)
  end
  if state ~= 'settled' and e[4] then
    fault(id, 'is ' .. state .. ' but has the outcome ' .. e[4], function() call('HDEL', entry(id), 'outcome') end)
  end
  if state ~= 'leased' and e[5] then
    fault(id, 'is ' .. state .. ' but has an owner', function() call('HDEL', entry(id), 'owner') end)
  end
  if state == 'settled' then return check_settled(id, e[4]) end
  if state == 'queued' and host ~= '' then return check_queued(id, e) end
  if state == 'delayed' then
    stands_in(id, 'delayed', function() call('ZADD', P .. 'delayed', score(now), id) end)
  elseif state == 'idle' then  -- one that is not scheduled rests until it is configured again
    if e[8] or call('ZSCORE', P .. 'sources', id) then
      stands_in(id, 'sources', function() call('ZADD', P .. 'sources', score(now), id) end, e[9] or e[10])
    end
  elseif not STAGES[stage] or (host == '' and stage ~= 'produce') or state == 'queued' then
    fault(id, 'is ' .. state .. ' in the stage ' .. (stage == '' and '(none)' or stage) .. ' without a host', function() begin_anew(id) end)
    return
  else
    if state == 'leased' and not e[5] then
      fault(id, 'is leased by nobody', function()
        call('HSET', entry(id), 'owner', '?')
        call('ZADD', P .. 'leased:' .. stage, score(now), id)
      end)
    end
    stands_in(id, state .. ':' .. stage, function() call('ZADD', P .. state .. ':' .. stage, score(now), id) end)
    if ASKS[stage] and host ~= '' then has_its_turn(id, host) end
  end
  if host == '' and not poll then fault(id, 'has no host') end
end

local function check_host(host)
  local key = P .. 'host:' .. host
  local h = call('HMGET', key, 'busy', 'next_at', 'wait_s')
  local waits = false  -- of others it is bounded when they are announced; a clock that was set back leaves it behind
  for _, p in ipairs(PRIORITIES) do waits = waits or call('ZSCORE', P .. 'due:' .. p, host) end
  if waits and tonumber(h[2] or '0') > now + PAUSE_MOST_S then
    fault(host, 'rests for longer than any pause', function()
      call('HSET', key, 'next_at', score(now))
      for _, p in ipairs(PRIORITIES) do call('ZADD', P .. 'due:' .. p, 'XX', score(now), host) end
    end)
  end
  if not h[1] then return end
  local e = call('HMGET', entry(h[1]), 'state', 'stage', 'host')
  if not ((e[1] == 'ready' or e[1] == 'leased') and ASKS[e[2] or ''] and e[3] == host) then
    fault(host, 'is busy with ' .. h[1] .. ', which is ' .. (e[1] or 'not there'), function()
      free_host(host, h[1], now + tonumber(h[3] or '1'))
    end)
    return
  end
  for _, p in ipairs(PRIORITIES) do
    if call('ZSCORE', P .. 'due:' .. p, host) then
      fault(host, 'is busy, and due as well', function() call('ZREM', P .. 'due:' .. p, host) end)
    end
  end
end

local function check_seen(prefix)
  for _, code in ipairs(call('HVALS', P .. 'seen:' .. prefix)) do
    local name = OUTCOMES[tonumber(code) or 0]
    tally('pages')
    if name then tally('outcome:' .. name) else fault('seen:' .. prefix, 'has the outcome ' .. code) end
  end
end

-- Another page than the document's own holds it: while it is at work with it, or search has it from there.
local function check_own(doc)
  local key = P .. 'own:' .. doc
  local id = call('GET', key)
  if not id then return end
  local e = call('HMGET', entry(id), 'state', 'doc', 'former', 'indexed')
  local holds
  if e[1] then
    holds = (e[2] == doc or e[3] == doc) and (e[1] ~= 'settled' or e[4])
  else
    local code = tonumber(call('HGET', P .. 'seen:' .. string.sub(id, 1, 4), string.sub(id, 5)) or '0')
    holds = OUTCOMES[code] == 'indexed' or OUTCOMES[code] == 'unchanged' or OUTCOMES[code] == 'failed'
  end
  if not holds then fault('own:' .. doc, 'is ' .. id .. "'s, which does not hold it", function() call('DEL', key) end) end
end

local function check_turns(group)
  for _, host in ipairs(call('SMEMBERS', P .. 'turns:' .. group)) do
    local h = call('HMGET', P .. 'host:' .. host, 'busy', 'groups')
    local named = false
    for _, other in ipairs(h[1] and h[2] and cjson.decode(h[2]) or {}) do named = named or other == group end
    if not named then
      fault('turns:' .. group, 'counts a turn of ' .. host .. ' that is over', function() call('SREM', P .. 'turns:' .. group, host) end)
    end
  end
end

local function expires(name)
  if call('PTTL', P .. name) == -1 then fault(name, 'never ends', function() call('DEL', P .. name) end) end
end

local checks = {e = check_entry, host = check_host, seen = check_seen, own = check_own, turns = check_turns,
  lock = function(name) expires('lock:' .. name) end}

local function check_member(set, id)
  local e = call('HMGET', entry(id), 'state', 'stage')
  local kind, stage = string.match(set, '^(%a+):?(%a*)$')
  local fits
  if kind == 'delayed' then
    fits = e[1] == 'delayed'
  elseif kind == 'sources' then
    fits = e[1] == 'idle' and is_poll(id)
  elseif kind == 'rendering' then
    fits = (e[1] == 'ready' or e[1] == 'leased') and e[2] == 'fetch'
  elseif kind == 'recrawl' or kind == 'retire' then
    fits = e[1] == 'settled'
  else
    fits = e[1] == kind and e[2] == stage
  end
  if fits or not call('ZSCORE', P .. set, id) then return end
  fault(set, 'has ' .. id .. ', which is ' .. (e[1] and e[1] .. ' ' .. (e[2] or '') or 'no entry'), function() call('ZREM', P .. set, id) end)
end

local function check_due(p, host)
  if call('ZSCORE', P .. 'due:' .. p, host) and call('EXISTS', P .. 'q:' .. p .. ':' .. host) == 0 then
    fault('due:' .. p, 'has ' .. host .. ', where nobody waits', function() call('ZREM', P .. 'due:' .. p, host) end)
  end
end

-- A host that somebody waits for is due some time, or busy. Its tickets: those that count are returned.
local function check_queue(name, first, last)
  local p, host = string.match(name, '^(%d):(.*)$')
  local key = P .. 'q:' .. name
  if call('EXISTS', key) == 0 then return end
  local h = call('HMGET', P .. 'host:' .. host, 'busy', 'next_at')
  local at = tonumber(call('ZSCORE', P .. 'due:' .. p, host) or '')
  local function announce_again()
    call('ZADD', P .. 'due:' .. p, score(math.max(now, math.min(tonumber(h[2] or '0'), now + PAUSE_MOST_S))), host)
  end
  if not h[1] and not at then
    fault(host, 'has addresses that wait, and is not due', announce_again)
  elseif at and not h[1] then
    local aside = call('ZCARD', P .. 'due:' .. p) / PARKED_A_SECOND
    local latest_at = math.max(math.min(tonumber(h[2] or '0'), now + PAUSE_MOST_S), now + math.max(LOOK_MOST_S, aside)) + SLACK_S
    if at > latest_at then fault(host, 'is due later than it may be', announce_again) end
  end
  local met = {}
  for _, id in ipairs(call('LRANGE', key, first, last)) do
    local e = call('HMGET', entry(id), 'state', 'host', 'tickets')
    if e[1] == 'queued' and e[2] == host then
      ids[#ids + 1] = e[3] and '+' .. id or id
      if met[id] and not e[3] then
        fault(id, 'has two tickets in q:' .. name, function() call('LREM', key, -1, id) end)
      end
      met[id] = true
    end
  end
end

local LONG = 1000  -- tickets of one call, at most
local function check_queues()
  local looked = 0
  for i = 5, #ARGV do
    local length = call('LLEN', P .. 'q:' .. ARGV[i])
    if looked + length > LONG then
      ids[#ids + 1] = '>' .. ARGV[i]
    else
      check_queue(ARGV[i], 0, -1)
      looked = looked + length
    end
  end
end

local function check_ticket(id, brief)
  local e = call('HMGET', entry(id), 'state', 'host', 'priority')
  if e[1] ~= 'queued' then return end
  for _, p in ipairs(PRIORITIES) do
    local queue = P .. 'q:' .. p .. ':' .. e[2]
    if (brief and call('LLEN', queue) > LONG) or call('LPOS', queue, id) then return end
  end
  fault(id, 'is queued but has no ticket at ' .. e[2], function()
    local p = (e[3] == '0' or e[3] == '2') and e[3] or '1'
    call('RPUSH', P .. 'q:' .. p .. ':' .. e[2], id)
    announce(e[2], p)
  end)
end

local function check_twice(name, id)
  local key = P .. 'q:' .. name
  if #call('LPOS', key, id, 'COUNT', 2) < 2 then return end
  fault(id, 'has two tickets in q:' .. name, function() call('LREM', key, -1, id) end)
end

-- Turns of an address and of groups, as they follow from who is in flight.
local function check_flight()
  local ips = {}
  for stage in pairs(ASKS) do
    for _, set in ipairs({'ready:', 'leased:'}) do
      for _, id in ipairs(call('ZRANGE', P .. set .. stage, 0, -1)) do
        local host = call('HGET', entry(id), 'host')
        local h = host and call('HMGET', P .. 'host:' .. host, 'busy', 'busy_ip') or {}
        if h[1] == id and h[2] then ips[h[2]] = (ips[h[2]] or 0) + 1 end
      end
    end
  end
  local kept = call('HGETALL', P .. 'ipbusy')
  local known = {}
  for i = 1, #kept, 2 do known[kept[i]] = tonumber(kept[i + 1]) end
  for ip in pairs(ips) do known[ip] = known[ip] or 0 end
  for ip, n in pairs(known) do
    local true_n = ips[ip] or 0
    if n ~= true_n then
      fault('ipbusy', 'counts ' .. n .. ' in flight on ' .. ip .. ', but ' .. true_n .. ' are', function()
        call('HDEL', P .. 'ipbusy', ip)
        if true_n > 0 then call('HSET', P .. 'ipbusy', ip, true_n) end
        unpark('ip:' .. ip, 1)
      end)
    end
  end
end

-- Sums that do not fit what was counted. What has moved since may have been counted twice, or not at all; nothing is set
-- right then.
local function check_counters(given)
  local moved = 0
  local kept = call('HGETALL', P .. 'n')
  for i = 1, #kept, 2 do moved = moved + math.abs(tonumber(kept[i + 1]) - (given.before[kept[i]] or 0)) end
  for key, counted in pairs({n = given.counted, waiting = moved == 0 and given.waiting or {}}) do
    for name, n in pairs(counted) do
      local is = tonumber(call('HGET', P .. key, name) or '0')
      if math.abs(is - n) > moved then
        fault(key == 'n' and 'counter ' .. name or 'waiting ' .. name, 'is ' .. is .. ', but ' .. n .. ' are', moved == 0 and function()
          if key == 'waiting' and n == 0 then call('HDEL', P .. key, name) else call('HSET', P .. key, name, n) end
        end or nil)
      end
    end
  end
end

if what == 'keys' then
  for i = 5, #ARGV do
    local kind, rest = string.match(ARGV[i], '^(%a+):(.*)$')
    if checks[kind] then checks[kind](rest) end
  end
elseif what == 'members' then
  local p = string.match(ARGV[5], '^due:(%d)$')
  for i = 6, #ARGV do
    if p then check_due(p, ARGV[i]) else check_member(ARGV[5], ARGV[i]) end
  end
elseif what == 'queues' then
  check_queues()
elseif what == 'tickets' then
  check_queue(ARGV[5], ARGV[6], ARGV[7])
elseif what == 'queued' or what == 'waits' then
  for i = 5, #ARGV do check_ticket(ARGV[i], what == 'waits') end
elseif what == 'twice' then
  for i = 6, #ARGV do check_twice(ARGV[5], ARGV[i]) end
elseif what == 'flight' then
  check_flight()
elseif what == 'counters' then
  check_counters(cjson.decode(ARGV[5]))
end
return cjson.encode({faults = faults, counts = counts, ids = ids})
