-- Forgets a poll whose source was removed. ARGV: now (unused), id. One that is in flight is forgotten when it ends.
local id = ARGV[2]
local state = call('HGET', entry(id), 'state')
call('ZREM', P .. 'sources', id)
note_health(id, '')
if state == 'ready' or state == 'leased' then
  call('HSET', entry(id), 'removed', '1')
else
  if state == 'queued' then
    count_queued(id, -1)
    local e = call('HMGET', entry(id), 'host', 'priority')
    call('LREM', P .. 'q:' .. (e[2] or '1') .. ':' .. (e[1] or ''), 1, id)
  end
  call('DEL', entry(id))
end
return state
