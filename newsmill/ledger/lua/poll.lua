-- Sets the next time of an idle poll. ARGV: now, id, seconds from now (0: at once; "" : never, until it is set again).
local now, id, wait = clock(ARGV[1]), ARGV[2], tonumber(ARGV[3])
local e = call('HMGET', entry(id), 'state', 'host', 'priority')
if e[1] ~= 'idle' then return 0 end
call('ZREM', P .. 'sources', id)
if not wait then
  note_health(id, '')
  call('HDEL', entry(id), 'scheduled')
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
