-- After a Redis server was killed the last moments before that may be missing here. A worker says what it knows of them:
-- whom it is asking now, and whom it asked a moment ago. Twice is the same as once.
-- ARGV: now, owner, JSON list of {id, host, stage, lease (s), lasts (s, at most)} that are being asked,
--   JSON list of {id, host, stage, left (s)} that were asked; left: what remains of the host's pause
-- Returns how many hosts were set right.
local now, owner = clock(ARGV[1]), ARGV[2]
local mended = 0

local function rest(host, until_)  -- it is not asked before; says nothing of who is in flight there
  local key = P .. 'host:' .. host
  if until_ <= math.max(now, tonumber(call('HGET', key, 'next_at') or '0')) then return end  -- nothing is left: no news
  local wait_s = math.max(tonumber(call('HGET', key, 'wait_s') or '0'), until_ - now)  -- a jump ahead asks for it
  call('HSET', key, 'next_at', score(until_), 'wait_s', string.format('%.3f', wait_s))
  call('EXPIRE', key, HOST_MEMORY_S)
  for _, p in ipairs(PRIORITIES) do call('ZADD', P .. 'due:' .. p, 'XX', score(until_), host) end
  mended = mended + 1
end

for _, a in ipairs(cjson.decode(ARGV[3])) do
  local e = call('HMGET', entry(a.id), 'state', 'host', 'owner', 'stage')
  local busy = call('HGET', P .. 'host:' .. a.host, 'busy')
  local free = not busy or busy == a.id
  if e[1] == 'leased' and e[3] == owner then
    -- nothing is missing
  elseif (e[1] == 'queued' or (e[1] == 'ready' and e[4] == a.stage)) and e[2] == a.host and free then
    if e[1] == 'queued' then
      count_queued(a.id, -1)
      call('HSET', entry(a.id), 'tickets', '2')  -- its ticket stays
    end
    call('ZREM', P .. 'ready:' .. a.stage, a.id)
    call('ZADD', P .. 'leased:' .. a.stage, score(now + a.lease), a.id)
    call('HSET', entry(a.id), 'state', 'leased', 'stage', a.stage, 'owner', owner, 'claimed', score(now))
    call('HSET', P .. 'host:' .. a.host, 'busy', a.id)
    for _, p in ipairs(PRIORITIES) do call('ZREM', P .. 'due:' .. p, a.host) end
    mended = mended + 1
  else  -- its entry is gone, or has ended before: nobody asks the host while this request may last
    rest(a.host, now + (a.lasts or a.lease))
  end
end

for _, a in ipairs(cjson.decode(ARGV[4])) do
  local e = call('HMGET', entry(a.id), 'state', 'host', 'owner', 'priority', 'stage')
  local ours = e[1] == 'ready' or (e[1] == 'leased' and e[3] == owner)
  if ours and e[5] == a.stage and e[2] == a.host then  -- what came of it is lost: it is asked for again, in turn
    call('ZREM', P .. 'ready:' .. a.stage, a.id)
    call('ZREM', P .. 'leased:' .. a.stage, a.id)
    call('HDEL', entry(a.id), 'owner', 'crashes', 'alone', 'company', 'claimed')
    rest(a.host, now + a.left)
    free_host(a.host, a.id, now + a.left)
    enqueue(a.id, a.host, e[4] or '1', true)
    mended = mended + 1
  else
    rest(a.host, now + a.left)
  end
end
return mended
