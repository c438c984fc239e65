-- Accepts addresses: known-set and queue in one step, so that no crash leaves one without the other.
-- ARGV: now, most waiting, JSON list of {id, url, host, source, priority, depth, published, modified,
--   timely, follow, render} (published, modified: seconds since the epoch, or absent)
-- Returns {accepted, known, reopened, refused}. Refused: the frontier is full; offer them again later.
local now = clock(ARGV[1])
local room = tonumber(ARGV[2]) - tonumber(call('HGET', P .. 'n', 'queued') or '0') - call('ZCARD', P .. 'delayed')
local accepted, known, reopened, refused = 0, 0, 0, 0
for _, c in ipairs(cjson.decode(ARGV[3])) do
  local key = entry(c.id)
  local e = call('HMGET', key, 'state', 'priority', 'fetched', 'host', 'looked')
  if e[1] then
    known = known + 1
    local fetched = math.max(tonumber(e[3] or '0'), tonumber(e[5] or '0'))  -- a look that found nothing new counts
    if e[1] == 'settled' and c.modified and fetched > 0 and c.modified > fetched and c.modified <= now then
      if reopen(c.id, tostring(c.priority)) then reopened = reopened + 1 end
    elseif e[1] == 'queued' and c.priority < tonumber(e[2]) then  -- fresher news of it: a second, earlier ticket
      call('HSET', key, 'priority', c.priority)
      call('RPUSH', P .. 'q:' .. c.priority .. ':' .. e[4], c.id)
      announce(e[4], tostring(c.priority))
    end
  elseif call('HEXISTS', P .. 'seen:' .. string.sub(c.id, 1, 4), string.sub(c.id, 5)) == 1 then
    known = known + 1
  elseif room <= 0 then
    refused = refused + 1
  else
    call('HSET', key, 'url', c.url, 'host', c.host, 'source', c.source, 'priority', c.priority, 'depth', c.depth,
      'added', score(now), 'stage', 'fetch')
    if c.render then call('HSET', key, 'render', '1') end
    if c.published then call('HSET', key, 'published', score(c.published)) end
    if c.published and c.timely then call('HSET', key, 'timely', score(c.published)) end
    if c.follow and c.follow > 0 then call('HSET', key, 'follow', c.follow) end
    enqueue(c.id, c.host, tostring(c.priority), false)
    count('accepted', 1)
    accepted = accepted + 1
    room = room - 1
  end
end
return {accepted, known, reopened, refused}
