-- ready -> leased, counting the attempt. A duplicate or stale message wins nothing.
-- ARGV: now, stage, lease (s), owner, ids...
-- Returns a list of {id, entry as a flat list, host as a flat list} for the ids won.
local now, stage, lease, owner = clock(ARGV[1]), ARGV[2], tonumber(ARGV[3]), ARGV[4]
local won = {}
if (stage == 'fetch' or stage == 'produce') and quiet(now) > 0 then return won end
for i = 5, #ARGV do
  local id = ARGV[i]
  if call('ZREM', P .. 'ready:' .. stage, id) == 1 then
    call('ZADD', P .. 'leased:' .. stage, score(now + lease), id)
    call('HSET', entry(id), 'state', 'leased', 'owner', owner)
    call('HINCRBY', entry(id), 'crashes', 1)
    local e = call('HGETALL', entry(id))
    local host = call('HGET', entry(id), 'host')
    won[#won + 1] = {id, e, host and call('HGETALL', P .. 'host:' .. host) or {}}
  end
end
return won
