-- Puts off the end of leases: their owner lives and is at work on them. ARGV: now, owner, lease (s), then pairs of stage, id.
-- Returns the ids that are not its own any more.
local now, owner, lease = clock(ARGV[1]), ARGV[2], tonumber(ARGV[3])
local lost = {}
for i = 4, #ARGV, 2 do
  local stage, id = ARGV[i], ARGV[i + 1]
  if call('HGET', entry(id), 'owner') == owner and call('ZSCORE', P .. 'leased:' .. stage, id) then
    call('ZADD', P .. 'leased:' .. stage, score(now + lease), id)
  else
    lost[#lost + 1] = id
  end
end
return lost
