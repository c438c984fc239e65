-- Accepts addresses: known-set and queue in one step, so that no crash leaves one without the other.
-- ARGV: now, most waiting, addresses a day that one site or source may bring in while others wait,
--   JSON list of {id, url, host, site, source, priority, depth, published, modified, timely, follow, render, said, own, asked}
--   (published, modified: seconds since the epoch, or absent; own: of the source's own site; asked: an operator named it),
--   how many links beside them their page had too many of
-- Returns {accepted, known, reopened, refused, over}. Refused: the frontier is full; over: more than its source's or its
-- site's share. Offer both again later. Links of pages (depth above 0) come again only with a later look at their page: those
-- that find no room are counted as 'links:' of their source.
local now = clock(ARGV[1])
local room = tonumber(ARGV[2]) - tonumber(call('HGET', P .. 'n', 'queued') or '0') - call('ZCARD', P .. 'delayed')
local a_day = tonumber(ARGV[3])
local accepted, known, reopened, refused, over = 0, 0, 0, 0, 0

-- What is counted is kept here until the end: a chunk has few sources and sites.
local before = tonumber(call('HGET', P .. 'n', 'queued') or '0')
local news, waited, came, announced = 0, {}, {}, {}
local function waiting(group)
  if not waited[group] then waited[group] = tonumber(call('HGET', P .. 'waiting', group) or '0') end
  return waited[group] + (came[group] or 0)
end
local known_today = {}
local function new_today(group)
  if not known_today[group] then known_today[group] = tonumber(call('HGET', today('new'), group) or '0') end
  return known_today[group] + (came[group] or 0)
end

-- A source, and a site, may have as many waiting as there is room left, and ALONE times that while nobody else waits: one alone
-- fills seven eighths of the frontier, and however many come, newcomers find room (dynamic thresholds; Choudhury and Hahne
-- 1998). And so many a day, while others wait.
local ALONE = 7
local function over_share(c)
  local queued = before + news
  for _, group in ipairs({'source:' .. c.source, 'site:' .. c.site}) do
    local mine = waiting(group)
    local alone = mine >= queued
    local today_most = not alone and not c.asked and new_today(group) >= a_day
    if mine >= room * (alone and ALONE or 1) or today_most then
      if waiting('all') + news ~= queued then  -- counted by another version meanwhile: anew
        call('DEL', P .. 'waiting')
        waited = {all = before}
        call('HSET', P .. 'waiting', 'all', before, 'part', '1')
      else
        count_today('over', c.depth > 0 and 'links:' .. c.source or group, 1)
        return true
      end
    end
  end
  return false
end

-- An address that is settled is opened again for a newer date: only by the source that brought it, or by one of its own site;
-- not sooner than REOPEN_S after the last look, and REOPEN_HOUR times an hour for a source.
local REOPEN_S, REOPEN_HOUR = 600, 1000
local function may_reopen(c, e)
  local looked = math.max(tonumber(e[3] or '0'), tonumber(e[5] or '0'))  -- a look that found nothing new counts
  if not c.modified or looked <= 0 or c.modified <= looked or c.modified > now or now - looked < REOPEN_S then return false end
  if e[7] == 'quarantined' or not (c.own or c.source == e[6]) then return false end
  local key = P .. 'reopened:' .. math.floor(now / 3600)
  local n = call('HINCRBY', key, c.source, 1)
  call('EXPIRE', key, 7200)
  return n <= REOPEN_HOUR
end

local sites = {}
local function note_site(host, site)  -- a host hash of a new host lives as long as others do
  if sites[host] or site == host then return end
  sites[host] = true
  call('HSET', P .. 'host:' .. host, 'site', site)
  call('EXPIRE', P .. 'host:' .. host, HOST_MEMORY_S, 'NX')
end

local offered, beyond = cjson.decode(ARGV[4]), tonumber(ARGV[5])
if beyond > 0 and offered[1] then count_today('over', 'links:' .. offered[1].source, beyond) end
for _, c in ipairs(offered) do
  local key = entry(c.id)
  local e = call('HMGET', key, 'state', 'priority', 'fetched', 'host', 'looked', 'source', 'outcome')
  if e[1] then
    known = known + 1
    if e[1] == 'settled' then
      if may_reopen(c, e) and reopen(c.id, tostring(math.max(c.priority, tonumber(e[2] or '1')))) then
        reopened = reopened + 1
      end
    elseif e[1] == 'queued' and c.priority < tonumber(e[2]) and (c.own or c.source == e[6]) then
      call('HSET', key, 'priority', c.priority, 'tickets', '2')  -- fresher news of it: a second, earlier ticket
      call('RPUSH', P .. 'q:' .. c.priority .. ':' .. e[4], c.id)
      announce(e[4], tostring(c.priority))
    end
  elseif call('HEXISTS', P .. 'seen:' .. string.sub(c.id, 1, 4), string.sub(c.id, 5)) == 1 then
    known = known + 1
  elseif room <= 0 then
    refused = refused + 1
    if c.depth > 0 then count_today('over', 'links:' .. c.source, 1) end
  elseif over_share(c) then
    over = over + 1
  else
    note_site(c.host, c.site)
    call('HSET', key, 'url', c.url, 'host', c.host, 'source', c.source, 'priority', c.priority, 'depth', c.depth,
      'added', score(now), 'stage', 'fetch', 'state', 'queued')
    if c.render then call('HSET', key, 'render', '1') end
    if c.published then call('HSET', key, 'published', score(c.published)) end
    if c.published and c.timely then call('HSET', key, 'timely', score(c.published)) end
    if c.said then call('HSET', key, 'said', c.said) end
    if c.follow and c.follow > 0 then call('HSET', key, 'follow', c.follow) end
    local queue = c.priority .. ':' .. c.host
    call('RPUSH', P .. 'q:' .. queue, c.id)
    if not announced[queue] then
      announce(c.host, tostring(c.priority))
      announced[queue] = true
    end
    for _, group in ipairs({'source:' .. c.source, 'site:' .. c.site}) do came[group] = (came[group] or 0) + 1 end
    news = news + 1
    accepted = accepted + 1
    room = room - 1
  end
end
if news > 0 then
  count('accepted', news)
  count('queued', news)
  call('HINCRBY', P .. 'waiting', 'all', news)
  for group, more in pairs(came) do
    call('HINCRBY', P .. 'waiting', group, more)
    count_today('new', group, more)
  end
end
return {accepted, known, reopened, refused, over}
