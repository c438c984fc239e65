-- Takes pages whose raw record is kept already (an archive, a reparse) into parse, past the queues of their hosts.
-- ARGV: now, hint interval (s), most in progress, force ("1": also what is settled with this very record),
--   announce ("1": what comes of them is told in the change log), JSON list of {id, url, host, source, raw (key), fetched (seconds since the epoch)}
-- Returns {taken ids, known ids, busy ids, refused ids}. Known: settled with this record or a newer one. Busy: at work
-- already. Refused: no room now; offer them again later.
local now, hint, most, force = clock(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), ARGV[4] == '1'
local room = most - in_progress()
local announce = ARGV[5] == '1'
local taken, known, busy, refused = {}, {}, {}, {}

local function take(c, fresh)
  if fresh then
    call('HSET', entry(c.id), 'url', c.url, 'host', c.host, 'source', c.source, 'priority', '2', 'depth', 0, 'added', score(now),
      'adopted', '1')
  end
  call('HSET', entry(c.id), 'raw', c.raw, 'fetched', score(c.fetched), 'anew', '1')
  if announce then call('HDEL', entry(c.id), 'quiet') else call('HSET', entry(c.id), 'quiet', '1') end
  make_ready(c.id, 'parse', now + hint)
  room = room - 1
  taken[#taken + 1] = c.id
end

for _, c in ipairs(cjson.decode(ARGV[6])) do
  local e = call('HMGET', entry(c.id), 'state', 'outcome', 'fetched')
  local seen = call('HGET', P .. 'seen:' .. string.sub(c.id, 1, 4), string.sub(c.id, 5))
  local newer = not e[3] or c.fetched > tonumber(e[3]) + 0.0000005
  local same = e[3] and math.abs(c.fetched - tonumber(e[3])) <= 0.0000005
  if e[1] and e[1] ~= 'settled' then
    busy[#busy + 1] = c.id
  elseif (e[1] and not newer and not (same and force)) or (seen and not force) then
    known[#known + 1] = c.id
  elseif room <= 0 then
    refused[#refused + 1] = c.id
  elseif e[1] then
    count('outcome:' .. e[2], -1)
    call('HDEL', entry(c.id), 'outcome', 'reason', 'settled', 'tries', 'crashes', 'solo')
    call('ZREM', P .. 'retire', c.id)
    call('ZREM', P .. 'recrawl', c.id)
    take(c, false)
  elseif seen then  -- an entry that had shrunk grows again; it was accepted once, and is counted under its outcome
    if OUTCOMES[tonumber(seen)] then count('outcome:' .. OUTCOMES[tonumber(seen)], -1) end
    call('HDEL', P .. 'seen:' .. string.sub(c.id, 1, 4), string.sub(c.id, 5))
    take(c, true)
  else
    count('accepted', 1)
    take(c, true)
  end
end
return {taken, known, busy, refused}
