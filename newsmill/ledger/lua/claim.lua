-- ready -> leased. A duplicate or stale message wins nothing.
-- ARGV: now, stage, lease (s), owner, most crashes, alone ("1": the owner has nothing else under way, nor will it have),
--   JSON list of the ids that the owner has under way and that were alone until now, how many it has under way in all, ids...
-- Returns {won: a list of {id, entry as a flat list, host as a flat list}, suspects: ids that may be claimed only alone}
local now, stage, lease, owner = clock(ARGV[1]), ARGV[2], tonumber(ARGV[3]), ARGV[4]
local max_crashes, alone = tonumber(ARGV[5]), ARGV[6] == '1'
local won, suspects = {}, {}
if (stage == 'fetch' or stage == 'produce') and quiet(now) > 0 then return {won, suspects} end
local mine = {}
for i = 9, #ARGV do
  local id = ARGV[i]
  if call('ZSCORE', P .. 'ready:' .. stage, id) then
    if not alone and tonumber(call('HGET', entry(id), 'crashes') or '0') >= max_crashes then
      suspects[#suspects + 1] = id
    else
      call('ZREM', P .. 'ready:' .. stage, id)
      mine[#mine + 1] = id
    end
  end
end
local company = #mine + tonumber(ARGV[8]) > 1  -- who is alone when its worker ends is counted for that; see abandon
for _, id in ipairs(mine) do
  call('ZADD', P .. 'leased:' .. stage, score(now + lease), id)
  call('HSET', entry(id), 'state', 'leased', 'owner', owner, 'claimed', score(now))
  if company then call('HSET', entry(id), 'company', '1') else call('HDEL', entry(id), 'company') end
  local e = call('HGETALL', entry(id))
  local host = call('HGET', entry(id), 'host')
  won[#won + 1] = {id, e, host and call('HGETALL', P .. 'host:' .. host) or {}}
end
for _, id in ipairs(company and cjson.decode(ARGV[7]) or {}) do
  if call('HGET', entry(id), 'owner') == owner then call('HSET', entry(id), 'company', '1') end
end
return {won, suspects}
