-- One consistent picture. ARGV: now. Returns JSON text:
-- {now, counters: {...}, delayed, sources, health: {state: n}, recrawl, reindex: {...}, stages: {name: {ready, leased}}, delays: [today, yesterday], window: {...}, hosts: [n, n, n],
--  first_due: time of the host that is due first, or absent; progress: {...}; check: {...}
--  workers: [["queue name", heard]], paused: {why, since}, resting: the hosts that wait longest, with why;
--  sources_waiting: a changed sources file that is not taken up yet
--  parked: {group: hosts put aside}, over: {group: refused today}} (of either the first GROUPS_MOST)
local now = clock(ARGV[1])
local function as_map(flat)
  local map = {}
  for i = 1, #flat, 2 do map[flat[i]] = flat[i + 1] end
  return map
end
local function pairs_of(flat)
  local list = {}
  for i = 1, #flat, 2 do list[#list + 1] = {flat[i], tonumber(flat[i + 1])} end
  return list
end
local stages = {}
for _, stage in ipairs({'produce', 'fetch', 'parse', 'index'}) do
  stages[stage] = {
    ready = call('ZCARD', P .. 'ready:' .. stage),
    leased = call('ZCARD', P .. 'leased:' .. stage),
  }
end
local GROUPS_MOST = 100
local parked = {}
for _, group in ipairs(call('HRANDFIELD', P .. 'parked', GROUPS_MOST)) do
  local hosts = call('ZCARD', P .. 'parked:' .. group)
  if hosts > 0 then parked[group] = hosts end
end
local HOSTS_MOST, LONG_S = 5, 60
local resting = {}  -- hosts that wait longest, with work, and why; not those that are put aside
for _, p in ipairs(PRIORITIES) do
  local last = call('ZREVRANGE', P .. 'due:' .. p, 0, HOSTS_MOST - 1, 'WITHSCORES')
  for i = 1, #last, 2 do
    local h = call('HMGET', P .. 'host:' .. last[i], 'next_at', 'fails', 'penalty', 'crawl_delay_s', 'unanswered')
    if tonumber(h[1] or '0') > now + LONG_S then
      resting[#resting + 1] = {host = last[i], due = tonumber(last[i + 1]), fails = tonumber(h[2] or '0'), penalty = tonumber(h[3] or '1'),
        crawl_delay_s = tonumber(h[4] or '0'), unanswered = tonumber(h[5] or '0'), waiting = call('LLEN', P .. 'q:' .. p .. ':' .. last[i])}
    end
  end
end
local first_due
for _, p in ipairs(PRIORITIES) do
  local at = tonumber(call('ZRANGE', P .. 'due:' .. p, 0, 0, 'WITHSCORES')[2] or '')
  if at and (not first_due or at < first_due) then first_due = at end
end
return cjson.encode({
  now = now,
  counters = as_map(call('HGETALL', P .. 'n')),
  delayed = call('ZCARD', P .. 'delayed'),
  sources = call('ZCARD', P .. 'sources'),
  health = {silent = call('SCARD', P .. 'health:silent'), failing = call('SCARD', P .. 'health:failing'),
    dead = call('SCARD', P .. 'health:dead')},
  reindex = as_map(call('HGETALL', P .. 'reindex')),  -- see stores/reindex.lua
  recrawl = call('ZCARD', P .. 'recrawl'),
  stages = stages,
  delays = {as_map(call('HGETALL', P .. 'delays:' .. math.floor(now / 86400))),
    as_map(call('HGETALL', P .. 'delays:' .. math.floor(now / 86400 - 1)))},
  window = as_map(call('HGETALL', P .. 'window')),
  parked = parked,
  resting = resting,
  workers = pairs_of(call('ZRANGE', P .. 'workers', 0, -1, 'WITHSCORES')),
  paused = as_map(call('HGETALL', P .. 'paused')),
  sources_waiting = as_map(call('HGETALL', P .. 'sources-waiting')),
  first_due = first_due,
  progress = as_map(call('HGETALL', P .. 'progress')),
  check = as_map(call('HGETALL', P .. 'check')),
  over = as_map(call('HRANDFIELD', today('over'), GROUPS_MOST, 'WITHVALUES')),
  hosts = {call('ZCARD', P .. 'due:0'), call('ZCARD', P .. 'due:1'), call('ZCARD', P .. 'due:2')},
})
