-- Sets the next time of a poll. ARGV: now, id, seconds from now (0: at once; "": never, until it is set again), "1" if once:
--   it rests afterwards until it is set again.
-- Returns 0 if it waits for its host or runs, and the time is left as it is. One that is never to come is taken out of its
-- host's queue; one that runs rests when it ends.
local now, id, wait, once = clock(ARGV[1]), ARGV[2], tonumber(ARGV[3]), ARGV[4] == '1'
local e = call('HMGET', entry(id), 'state', 'host', 'priority')
if not e[1] then return 0 end
if wait then
  if once then call('HSET', entry(id), 'rests', '1') else call('HDEL', entry(id), 'rests') end
end
if not wait and e[1] == 'queued' then
  count_queued(id, -1)
  call('LREM', P .. 'q:' .. (e[3] or '1') .. ':' .. (e[2] or ''), 1, id)
  call('HSET', entry(id), 'state', 'idle')
elseif not wait and e[1] ~= 'idle' then
  call('HSET', entry(id), 'rests', '1')
  return 0
elseif e[1] ~= 'idle' then
  return 0
end
call('ZREM', P .. 'sources', id)
if not wait then
  note_health(id, '')
  call('HDEL', entry(id), 'scheduled', 'rests')
  return 1
end
call('HSET', entry(id), 'scheduled', '1')
if wait > 0 then
  call('ZADD', P .. 'sources', score(now + wait), id)
elseif e[2] and e[2] ~= '' then
  enqueue(id, e[2], e[3] or '0', false)
else
  make_ready(id, 'produce', now)
end
return 1
