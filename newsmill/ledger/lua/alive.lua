-- A worker, or beat, says that it lives. ARGV: now, owner, "1" while it lives or "0" when it ends, its queues ("beat" for beat).
-- Those that were not heard of for a day are forgotten.
local now, owner, lives = clock(ARGV[1]), ARGV[2], ARGV[3] == '1'
local FORGOTTEN_S = 86400
for i = 4, #ARGV do
  local member = ARGV[i] .. ' ' .. owner
  if lives then call('ZADD', P .. 'workers', score(now), member) else call('ZREM', P .. 'workers', member) end
end
call('ZREMRANGEBYSCORE', P .. 'workers', '-inf', score(now - FORGOTTEN_S))
return 1
