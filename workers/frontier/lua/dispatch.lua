-- Takes due hosts, one id each, up to the free window: their ids become ready for fetch (or produce, for polls).
-- Fresh addresses first, and with a quarter more window than the rest, so that a backfill never blocks them.
-- ARGV: now, hint interval (s), most hosts a call, window when none is set, window of polls, most in flight on one IP,
--   most in browsers at once
-- Returns {fetch ids, ids to be sent alone, poll ids, ids for a browser, seconds until the next host is due or "-1",
--   run id of this server}
local now, hint = clock(ARGV[1]), tonumber(ARGV[2])
local left, per_ip = tonumber(ARGV[3]), tonumber(ARGV[6])
local size = tonumber(call('HGET', P .. 'window', 'size') or ARGV[4])
local busy = in_progress()
local polls_left = tonumber(ARGV[5]) - call('ZCARD', P .. 'ready:produce') - call('ZCARD', P .. 'leased:produce')
local browsers = call('EXISTS', P .. 'browsers') == 1  -- without one, pages that need it are fetched plainly
local renders_left = tonumber(ARGV[7]) - call('ZCARD', P .. 'rendering')
local pages, alone, polls, rendered = {}, {}, {}, {}
local left_quiet, restarted, run = quiet(now)
if left_quiet > 0 then return {pages, alone, polls, rendered, score(left_quiet), run} end
local REST_MOST_S = 60  -- the longest ordinary delay; longer pauses are trouble, or asked for, and workers know of them
local IP_WAIT_S = 0.25  -- a host whose IP is at its cap is asked about again after this

local function next_ticket(queue, host)  -- drops tickets that no longer count
  for _ = 1, 1000 do
    local id = call('LINDEX', queue, 0)
    if not id then return nil end
    local e = call('HMGET', entry(id), 'state', 'host', 'solo', 'render')
    if e[1] == 'queued' and e[2] == host then return id, e[3], e[4] and browsers end
    call('LPOP', queue)
  end
  return nil
end

for _, p in ipairs(PRIORITIES) do
  local limit = p == '0' and math.floor(size * 1.25) or size
  local due = P .. 'due:' .. p
  for _, host in ipairs(call('ZRANGEBYSCORE', due, '-inf', score(now), 'LIMIT', '0', left)) do
    if busy >= limit and (p ~= '0' or polls_left <= 0) then break end  -- polls are always fresh
    local queue = P .. 'q:' .. p .. ':' .. host
    local id, solo, render = next_ticket(queue, host)
    local h = call('HMGET', P .. 'host:' .. host, 'ip', 'next_at', 'wait_s')
    local ip = h[1]
    -- The end of its last turn may be lost: its whole pause counts from the restart. Not where it rested then anyway.
    local lost = restarted and tonumber(h[2] or '0') <= restarted
    local rests = lost and restarted + math.min(tonumber(h[3] or '0'), REST_MOST_S) or 0
    if not id then
      if call('EXISTS', queue) == 0 then call('ZREM', due, host) end
    elseif rests > now then
      call('ZADD', due, score(rests), host)
    elseif ip and tonumber(call('HGET', P .. 'ipbusy', ip) or '0') >= per_ip then
      call('ZADD', due, score(now + IP_WAIT_S), host)
    elseif (is_poll(id) and polls_left <= 0) or (render and renders_left <= 0) then
      call('ZADD', due, score(now + IP_WAIT_S), host)
    elseif is_poll(id) or busy < limit then
      call('LPOP', queue)
      count_queued(id, -1)
      call('HSET', P .. 'host:' .. host, 'busy', id)
      if ip then
        call('HSET', P .. 'host:' .. host, 'busy_ip', ip)
        call('HINCRBY', P .. 'ipbusy', ip, 1)
      end
      for _, other in ipairs(PRIORITIES) do call('ZREM', P .. 'due:' .. other, host) end
      left = left - 1
      if is_poll(id) then
        make_ready(id, 'produce', now + hint)
        polls[#polls + 1] = id
        polls_left = polls_left - 1
      else
        make_ready(id, 'fetch', now + hint)
        if render then
          call('ZADD', P .. 'rendering', score(now), id)
          rendered[#rendered + 1] = id
          renders_left = renders_left - 1
        elseif solo then
          alone[#alone + 1] = id
        else
          pages[#pages + 1] = id
        end
        busy = busy + 1
      end
    end
    if left <= 0 then break end
  end
  if left <= 0 then break end
end

local wait = -1
for _, p in ipairs(PRIORITIES) do
  local first = call('ZRANGEBYSCORE', P .. 'due:' .. p, '(' .. score(now), '+inf', 'WITHSCORES', 'LIMIT', '0', '1')
  if first[2] and (wait < 0 or tonumber(first[2]) - now < wait) then wait = tonumber(first[2]) - now end
end
return {pages, alone, polls, rendered, score(wait), run}
