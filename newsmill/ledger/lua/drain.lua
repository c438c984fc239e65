-- Settles what waits for a host that is given up. ARGV: now, host, outcome, reason, retention (s), most ids a call,
-- seconds until what the index has of it is looked at again (0: never).
-- Returns how many ids were settled; call again until it is 0. Polls stay: they have a schedule of their own.
local now, host, outcome, reason = clock(ARGV[1]), ARGV[2], ARGV[3], ARGV[4]
local retention, most = tonumber(ARGV[5]), tonumber(ARGV[6])
local again = tonumber(ARGV[7])
local done = 0
for _, p in ipairs(PRIORITIES) do
  local queue = P .. 'q:' .. p .. ':' .. host
  local polls = {}
  while done < most do
    local id = call('LPOP', queue)
    if not id then break end
    local e = call('HMGET', entry(id), 'state', 'host')
    if is_poll(id) then
      polls[#polls + 1] = id
    elseif e[1] == 'queued' and e[2] == host then
      count_queued(id, -1)
      settle(id, outcome, reason, now, retention)
      if again > 0 and call('HGET', entry(id), 'indexed') then
        call('ZREM', P .. 'retire', id)
        call('ZADD', P .. 'recrawl', score(now + again), id)
      end
      done = done + 1
    end
  end
  for _, id in ipairs(polls) do call('RPUSH', queue, id) end
  if call('EXISTS', queue) == 0 then call('ZREM', P .. 'due:' .. p, host) end
end
return done
