-- Takes due hosts, one id each, up to the free window: their ids become ready for fetch (or produce, for polls).
-- Fresh addresses first, and with a quarter more window than the rest, so that a backfill never blocks them.
-- ARGV: now, hint interval (s), most hosts a call, window when none is set, window of polls, most in flight on one IP,
--   most in browsers at once
-- Returns {fetch ids, ids to be sent alone, poll ids, ids for a browser, seconds until the next host is due or "-1",
--   run id of this server}
local now, hint = clock(ARGV[1]), tonumber(ARGV[2])
local left, per_ip = tonumber(ARGV[3]), tonumber(ARGV[6])
local size = tonumber(call('HGET', P .. 'window', 'size') or ARGV[4])
local busy = in_progress()
local polls_left = tonumber(ARGV[5]) - call('ZCARD', P .. 'ready:produce') - call('ZCARD', P .. 'leased:produce')
local browsers = call('EXISTS', P .. 'browsers') == 1  -- without one, pages that need it are fetched plainly
local renders_left = tonumber(ARGV[7]) - call('ZCARD', P .. 'rendering')
local pages, alone, polls, rendered, taken = {}, {}, {}, {}, 0
local left_quiet, restarted, run = quiet(now)
if call('EXISTS', P .. 'paused') == 1 then return {pages, alone, polls, rendered, '-1', run} end
if left_quiet > 0 then return {pages, alone, polls, rendered, score(left_quiet), run} end
local REST_MOST_S = 60  -- the longest ordinary delay; longer pauses are trouble, or asked for, and workers know of them
local FULL_WAIT_S = 0.25  -- a poll, or a page for a browser, is looked at again after this while there are enough of them

local function next_ticket(queue, host)  -- drops tickets that no longer count
  for _ = 1, 1000 do
    local id = call('LINDEX', queue, 0)
    if not id then return nil end
    local e = call('HMGET', entry(id), 'state', 'host', 'solo', 'render', 'source')
    if e[1] == 'queued' and e[2] == host then return id, e[3], e[4] and browsers, e[5] or '' end
    call('LPOP', queue)
  end
  return nil
end

-- Turns are shared, so that nobody's flood keeps the others from being asked: a site (registrable domain) and a source may
-- have a quarter of the window together with others of its kind that had turns in the last minute, and a sixteenth in any case;
-- hosts that were never asked, and hosts that take SLOW_S for an answer, a quarter each. Who has all its turns is put aside.
local SHARE, LEAST_SHARE, LEAST_TURNS = 4, 16, {page = 25, poll = 4}
local ACTIVE_S = 60
local SLOW_S = 5
local PARKED_S, PARKED_A_SECOND = 60, 50  -- looked at again in any case: soon, but no more of them than this a second
local OVER_PAUSE_S = 600
local ROUNDS = 4  -- of looking for more hosts, where most were put aside

local size_of = {page = size, poll = tonumber(ARGV[5])}
local share = {page = {}, poll = {}}
local function turns_of(kind, name)  -- name: "site" or "source", or else a class of hosts
  local kept = share[kind]
  if not kept[name] then
    local others = 1
    if name == 'site' or name == 'source' then
      local active = P .. 'active:' .. kind .. ':' .. name
      call('ZREMRANGEBYSCORE', active, '-inf', score(now - ACTIVE_S))
      others = math.max(call('ZCARD', active), 1)
    end
    local part = math.max(size_of[kind] / SHARE / others, size_of[kind] / LEAST_SHARE)
    kept[name] = math.max(math.floor(part), LEAST_TURNS[kind])
  end
  return kept[name]
end

local function park(p, host, group, most)
  call('ZADD', P .. 'parked:' .. group, 'NX', score(now), host)
  call('HSET', P .. 'parked', group, most)
  local later = math.max(PARKED_S, call('ZCARD', P .. 'parked:' .. group) / PARKED_A_SECOND)
  call('ZADD', P .. 'due:' .. p, score(now + later), host)
end

-- More raw pages of one site or source than an eighth of what the disk has left, while others wait: not today.
local BYTES_LEAST, BYTES_SHARE = 1e9, 8
local free = tonumber(call('HGET', P .. 'window', 'free_mb') or '')
local bytes_most = math.max(BYTES_LEAST, free and free * 1e6 / BYTES_SHARE or 0)
local queued = tonumber(call('HGET', P .. 'n', 'queued') or '0')
local function too_many_bytes(group)
  if not free or tonumber(call('HGET', today('bytes'), group) or '0') < bytes_most then return false end
  if queued <= tonumber(call('HGET', P .. 'waiting', group) or '0') then return false end
  count_today('over', group, 1)
  return true
end

-- True if the host may not have this turn: it is put aside, for the first of its groups that has all of its own.
local function put_aside(p, host, kind, site, source, h)
  local ip = h[1]
  if ip and tonumber(call('HGET', P .. 'ipbusy', ip) or '0') >= per_ip then
    park(p, host, 'ip:' .. ip, per_ip)
    return true
  end
  local class = (not h[2] and 'new') or (tonumber(h[4] or '0') >= SLOW_S and 'slow') or nil
  local groups = {}
  for _, g in ipairs({{'site', site}, {'source', source}, class and {class} or nil}) do
    local group = kind .. ':' .. table.concat(g, ':')
    local most = turns_of(kind, g[1])
    if call('SCARD', P .. 'turns:' .. group) >= most then
      park(p, host, group, most)
      return true
    end
    if g[2] and kind == 'page' and too_many_bytes(g[1] .. ':' .. g[2]) then
      call('ZADD', P .. 'due:' .. p, score(now + OVER_PAUSE_S), host)
      return true
    end
    groups[#groups + 1] = group
  end
  for _, group in ipairs(groups) do call('SADD', P .. 'turns:' .. group, host) end
  call('ZADD', P .. 'active:' .. kind .. ':site', score(now), site)
  call('ZADD', P .. 'active:' .. kind .. ':source', score(now), source)
  call('HSET', P .. 'host:' .. host, 'groups', cjson.encode(groups))
  if ip then
    call('HSET', P .. 'host:' .. host, 'busy_ip', ip)
    call('HINCRBY', P .. 'ipbusy', ip, 1)
  end
  return false
end

local function take(p, host, queue, id, solo, render)
  call('LPOP', queue)
  count_queued(id, -1)
  call('HSET', P .. 'host:' .. host, 'busy', id)
  call('HDEL', P .. 'host:' .. host, 'unseen')
  for _, other in ipairs(PRIORITIES) do call('ZREM', P .. 'due:' .. other, host) end
  left = left - 1
  taken = taken + 1
  if is_poll(id) then
    make_ready(id, 'produce', now + hint)
    polls[#polls + 1] = id
    polls_left = polls_left - 1
    return
  end
  make_ready(id, 'fetch', now + hint)
  busy = busy + 1
  if render then
    call('ZADD', P .. 'rendering', score(now), id)
    rendered[#rendered + 1] = id
    renders_left = renders_left - 1
  else
    local list = solo and alone or pages
    list[#list + 1] = id
  end
end

-- Looks at one due host; returns true if it was put aside, so that another one may have its place.
local function look(p, host, limit)
  local queue = P .. 'q:' .. p .. ':' .. host
  local id, solo, render, source = next_ticket(queue, host)
  local h = call('HMGET', P .. 'host:' .. host, 'ip', 'next_at', 'wait_s', 'latency_s', 'site', 'unseen')
  -- The end of its last turn may be lost: its whole pause counts from the restart. Not where it rested then anyway.
  local next_at = tonumber(h[2] or '0')
  local lost = restarted and next_at <= restarted
  local rests = lost and restarted + (h[6] and REQUEST_S or math.min(tonumber(h[3] or '0'), REST_MOST_S)) or 0
  if next_at > now and meant(next_at, h[3]) == next_at then rests = math.max(rests, next_at) end  -- a clock went to and fro
  if not id then
    if call('EXISTS', queue) == 0 then call('ZREM', P .. 'due:' .. p, host) end
  elseif rests > now then
    call('ZADD', P .. 'due:' .. p, score(rests), host)
  elseif (is_poll(id) and polls_left <= 0) or (render and renders_left <= 0) then
    call('ZADD', P .. 'due:' .. p, score(now + FULL_WAIT_S), host)
  elseif is_poll(id) or busy < limit then
    if put_aside(p, host, is_poll(id) and 'poll' or 'page', h[5] or host, source, h) then return true end
    take(p, host, queue, id, solo, render)
  end
  return false
end

for _, p in ipairs(PRIORITIES) do
  local limit = p == '0' and math.floor(size * 1.25) or size
  for _ = 1, ROUNDS do
    local parked = 0
    for _, host in ipairs(call('ZRANGEBYSCORE', P .. 'due:' .. p, '-inf', score(now), 'LIMIT', '0', left)) do
      if left <= 0 or (busy >= limit and (p ~= '0' or polls_left <= 0)) then break end  -- polls are always fresh
      if look(p, host, limit) then parked = parked + 1 end
    end
    if parked == 0 or left <= 0 then break end
  end
end

if taken > 0 then call('HINCRBY', P .. 'n', 'moved:frontier', taken) end

local wait = -1
for _, p in ipairs(PRIORITIES) do
  local first = call('ZRANGEBYSCORE', P .. 'due:' .. p, '(' .. score(now), '+inf', 'WITHSCORES', 'LIMIT', '0', '1')
  if first[2] and (wait < 0 or tonumber(first[2]) - now < wait) then wait = tonumber(first[2]) - now end
end
return {pages, alone, polls, rendered, score(wait), run}
