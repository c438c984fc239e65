-- What time brings: leases that ended, delays that are over, hints that are due, looks that are due, entries that shrink.
-- ARGV: now, hint interval (s), most crashes, retention (s), most of each kind, most waiting, owner whose leases end now
--   ("" for none, "*" for all: its worker is known to be gone, with the children that lease in its name), "1" if it was killed
--   Where all are gone nothing is hinted yet: nobody is there to take it.
-- Returns {abandoned, then for each stage: name, ids to hint together, ids to hint alone, ids for a browser}
local now, hint = clock(ARGV[1]), tonumber(ARGV[2])
local max_crashes, retention, most = tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
local room = tonumber(ARGV[6]) - tonumber(call('HGET', P .. 'n', 'queued') or '0') - call('ZCARD', P .. 'delayed')
local dead, killed = ARGV[7], ARGV[8] == '1'
local left_quiet = quiet(now)
local CODES = {}
for i, name in ipairs(OUTCOMES) do CODES[name] = i end

local function due(key) return call('ZRANGEBYSCORE', P .. key, '-inf', score(now), 'LIMIT', '0', most) end

local abandoned = 0
for _, stage in ipairs({'produce', 'fetch', 'parse', 'index'}) do
  for _, id in ipairs(due('leased:' .. stage)) do
    abandon(id, stage, now, max_crashes, retention, false, false)
    abandoned = abandoned + 1
  end
  if dead ~= '' then
    for _, id in ipairs(call('ZRANGE', P .. 'leased:' .. stage, 0, -1)) do
      local owner = call('HGET', entry(id), 'owner') or ''
      if dead == '*' or owner == dead or string.sub(owner, 1, #dead + 1) == dead .. '/' then
        abandon(id, stage, now, max_crashes, retention, true, killed)
        abandoned = abandoned + 1
      end
    end
  end
end

for _, id in ipairs(due('delayed')) do
  call('ZREM', P .. 'delayed', id)
  local e = call('HMGET', entry(id), 'host', 'priority')
  enqueue(id, e[1], e[2] or '1', false)
end

for _, id in ipairs(due('recrawl')) do
  if room <= 0 then break end
  if reopen(id, '1') then room = room - 1 else call('ZREM', P .. 'recrawl', id) end
end

if room > 0 then
  for _, id in ipairs(due('sources')) do
    call('ZREM', P .. 'sources', id)
    local e = call('HMGET', entry(id), 'state', 'host', 'priority')
    if e[1] == 'idle' and e[2] and e[2] ~= '' then
      enqueue(id, e[2], e[3] or '0', false)
    elseif e[1] == 'idle' then  -- no host to wait for: a local list
      make_ready(id, 'produce', now)
    end
  end
end

for _, id in ipairs(due('retire')) do
  local outcome = call('HGET', entry(id), 'outcome')
  call('ZREM', P .. 'retire', id)
  if outcome then
    call('HSET', P .. 'seen:' .. string.sub(id, 1, 4), string.sub(id, 5), CODES[outcome] or 0)
    call('DEL', entry(id))
  end
end

-- Groups whose hosts were put aside: turns that were lost on the way are theirs again, and who may comes back.
local GROUPS_MOST = 100
local parked = call('HRANDFIELD', P .. 'parked', GROUPS_MOST, 'WITHVALUES')
for i = 1, #parked, 2 do
  local group, most_turns = parked[i], parked[i + 1]
  local turns = P .. 'turns:' .. group
  for _, host in ipairs(call('SMEMBERS', turns)) do
    if call('HEXISTS', P .. 'host:' .. host, 'busy') == 0 then call('SREM', turns, host) end
  end
  local used = string.sub(group, 1, 3) == 'ip:' and tonumber(call('HGET', P .. 'ipbusy', string.sub(group, 4)) or '0')
  unpark(group, math.max(tonumber(most_turns) - (used or call('SCARD', turns)), 0))
end

local browsers = call('EXISTS', P .. 'browsers') == 1
local function due_again(stage, ids, when)  -- their hints are due then
  for _, id in ipairs(ids) do call('ZADD', P .. 'ready:' .. stage, score(when), id) end
end
local function hints(stage)
  local together, alone, rendered = {}, {}, {}
  if dead == '*' then  -- what was hinted was lost with its readers: the next tick hints it again, not its interval's end
    due_again(stage, call('ZRANGE', P .. 'ready:' .. stage, 0, -1), now)
    return together, alone, rendered
  end
  local ids = due('ready:' .. stage)
  if left_quiet > 0 and (stage == 'produce' or stage == 'fetch') then  -- claim gives nothing of these until it is over
    due_again(stage, ids, now + left_quiet)
    return together, alone, rendered
  end
  due_again(stage, ids, now + hint)
  for _, id in ipairs(ids) do
    local e = call('HMGET', entry(id), 'solo', 'render')
    local list = stage == 'fetch' and e[2] and browsers and rendered or e[1] and alone or together
    list[#list + 1] = id
  end
  return together, alone, rendered
end

local answer = {abandoned}
for _, stage in ipairs({'produce', 'fetch', 'parse', 'index'}) do
  local together, alone, rendered = hints(stage)
  answer[#answer + 1] = stage
  answer[#answer + 1] = together
  answer[#answer + 1] = alone
  answer[#answer + 1] = rendered
end
return answer
