-- Ends leases: every claimed entry leaves its stage through here, and only from the lease it was claimed with.
-- ARGV: now, stage, owner, hint interval (s), retention (s), JSON list of moves, events kept: at most, for seconds:
--   {id, op, set: {field: text}, drop: [field], turn: {wait: s, host: {field: text}}, ...}
--   op "advance":  to, bytes               ready for the next stage (bytes: of the raw page that was kept, if one was)
--   op "settle":   outcome, reason, again  (again: seconds until it is looked at again, or absent)
--   op "delay":    wait, reason            tried again after `wait` seconds
--   op "requeue":  front, reason           back to its host's queue (host: when a redirect moved it)
--   op "return":   solo                    ready for the same stage again (orderly stop)
--   op "rest":     wait                    a poll sleeps until its next time
--   A settled move with `copy_of` (document id) and `judged` (its version that the entry was compared with, or "") is parsed
--   again if that document has come meanwhile; one that is indexed brings back those that say to be copies of it.
-- A settled move with a `doc` may have an `event` for the change log: {digest, title, story, before} (changes.py).
-- A move with a `doc` settles as indexed only if the entry (still) owns that document, else as duplicate.
-- Returns the ids that moved; the others had lost their lease, and nothing was changed for them.
local now, stage, owner = clock(ARGV[1]), ARGV[2], ARGV[3]
local hint, retention = tonumber(ARGV[4]), tonumber(ARGV[5])
local moved, ahead = {}, 0
local HELD = {'owner', 'crashes', 'alone', 'company', 'claimed'}
local FETCHED = {'tries', 'solo', 'cookies', unpack(HELD)}

local function fields(id, m)
  for name, value in pairs(m.set or {}) do call('HSET', entry(id), name, value) end
  if m.drop and #m.drop > 0 then call('HDEL', entry(id), unpack(m.drop)) end
end

-- What `newsmill trace` tells: a line for each step, the last STORY_MOST bytes of them.
local STORY_MOST = 800
local function tell(id, m)
  local what = m.outcome or m.to or m.op
  if m.reason and m.reason ~= '' then what = what .. ': ' .. m.reason end
  if m.op == 'requeue' and m.set and m.set.at then what = 'redirect to ' .. m.set.at end
  local line = score(now) .. ' ' .. stage .. ' ' .. string.sub(what, 1, 200)
  local story = call('HGET', entry(id), 'story')
  if story then line = story .. '\n' .. line end
  if #line > STORY_MOST then line = string.sub(line, -STORY_MOST) end
  call('HSET', entry(id), 'story', line)
end

local function owns(id, doc)
  return doc == id or call('GET', P .. 'own:' .. doc) == id
end

-- The time from publication to search, once for each article, in quarters of an octave of seconds (a fifth each).
local FRESH_DAY_S, FRESH_KEPT_S = 86400, 3 * 86400
local function count_delay(id)
  local published = tonumber(call('HGET', entry(id), 'timely') or '')
  if not published then return end
  call('HDEL', entry(id), 'timely')
  local key = P .. 'delays:' .. math.floor(now / FRESH_DAY_S)
  call('HINCRBY', key, math.floor(4 * math.log(math.max(now - published, 1)) / math.log(2)), 1)
  call('EXPIRE', key, FRESH_KEPT_S)
end

-- The change log. What subscribers were told last of an article stands in `told`: a digest, and a mark of its story.
local events = 0
local function append(kind, doc, url, title, story, version)
  call('XADD', P .. 'changes', '*', 'kind', kind, 'id', doc, 'url', url or '', 'title', title or '', 'story', story or '',
    'version', version or '')
  events = events + 1
end
local function note_indexed(id, m, was)
  local e = m.event
  local mark = e.story ~= '' and string.sub(redis.sha1hex(e.story), 1, 4) or ''
  local told, story = string.match(was.told or '', '^([^.]*)%.?(.*)$')
  if told == '' then told = was.indexed and (e.before or e.digest) or nil end  -- from before there was a log
  local version = call('HGET', entry(id), 'indexed')
  if not was.quiet then
    if not told then
      append('new', m.doc, m.doc_url, e.title, e.story, version)
    elseif told ~= e.digest then
      append('revised', m.doc, m.doc_url, e.title, e.story, version)
    end
    if mark ~= '' and mark ~= story then append('story-joined', m.doc, m.doc_url, e.title, e.story, version) end
  end
  call('HSET', entry(id), 'told', mark == '' and e.digest or e.digest .. '.' .. mark)
end
local function holds(id, doc) return doc == id or call('GET', P .. 'own:' .. doc) == id end
local function note_removed(id, doc, was)
  if doc and not was.quiet and holds(id, doc) then append('removed', doc, doc == was.doc and was.doc_url or '') end
  call('HDEL', entry(id), 'told')
end
-- The oldest go, as many as are too many or too old, and the last of them is remembered: who has not seen it is behind.
local TRIMMED_MOST = 200
local function trim(most, kept_s)
  local key, time = P .. 'changes', call('TIME')
  local over = call('XLEN', key) - most
  local gone = over > 0 and call('XRANGE', key, '-', '+', 'COUNT', math.min(over, TRIMMED_MOST)) or {}
  local old = call('XRANGE', key, '-', string.format('%d', (tonumber(time[1]) - kept_s) * 1000), 'COUNT', TRIMMED_MOST)
  if #old > #gone then gone = old end
  if #gone == 0 then return end
  local last = gone[#gone][1]
  local ms, number = string.match(last, '^(%d+)%-(%d+)$')
  call('XTRIM', key, 'MINID', ms .. '-' .. (tonumber(number) + 1))
  call('SET', P .. 'changes-trimmed', last)
end

local ops = {}
function ops.advance(id, m)
  if m.bytes then
    local e = call('HMGET', entry(id), 'source', 'host')
    count_today('bytes', 'source:' .. (e[1] or ''), m.bytes)
    count_today('bytes', 'site:' .. site_of(e[2] or ''), m.bytes)
  end
  call('HDEL', entry(id), unpack(FETCHED))
  make_ready(id, m.to, now + hint)
end
function ops.settle(id, m, was)
  local outcome, reason = m.outcome, m.reason
  if outcome == 'indexed' and m.doc and not owns(id, m.doc) then
    outcome, reason = 'duplicate', 'of ' .. m.doc_url
  end
  if was.former and was.indexed then  -- what it held under another address was taken out
    note_removed(id, was.former, was)
    was.told, was.indexed = nil, nil
  end
  if outcome == 'indexed' and m.event then
    note_indexed(id, m, was)
  elseif was.indexed and call('HEXISTS', entry(id), 'indexed') == 0 then
    note_removed(id, was.doc, was)
  end
  call('HDEL', entry(id), 'quiet')
  if outcome ~= 'indexed' and outcome ~= 'unchanged' and outcome ~= 'duplicate' then
    local doc = call('HGET', entry(id), 'doc')  -- it holds no document any more: another address may
    if doc and doc ~= id and call('GET', P .. 'own:' .. doc) == id then call('DEL', P .. 'own:' .. doc) end
  end
  if outcome == 'indexed' then count_delay(id) end
  local former = call('HGET', entry(id), 'former')  -- index has taken it out: another address may hold it
  if former then
    if call('GET', P .. 'own:' .. former) == id then call('DEL', P .. 'own:' .. former) end
    call('HDEL', entry(id), 'former')
  end
  settle(id, outcome, reason, now, retention)
  if m.again then
    call('ZREM', P .. 'retire', id)
    call('ZADD', P .. 'recrawl', score(now + m.again), id)
  end
  if outcome == 'indexed' and m.doc then
    local version = call('HGET', entry(id), 'indexed')
    for _, copy in ipairs(call('SMEMBERS', P .. 'copies:' .. m.doc)) do
      local c = call('HMGET', entry(copy), 'judged', 'indexed')
      if c[2] and c[1] ~= m.doc .. ' ' .. version then parse_again(copy) end  -- it stands for itself, and was not compared with this
    end
    call('DEL', P .. 'copies:' .. m.doc)
  end
  if m.copy_of then call('HSET', entry(id), 'judged', m.copy_of .. ' ' .. m.judged) end
  local doc, judged = string.match(call('HGET', entry(id), 'judged') or '', '^(%S+) (.*)$')
  if doc and (outcome == 'indexed' or outcome == 'unchanged') then
    local there = call('HMGET', entry(call('GET', P .. 'own:' .. doc) or doc), 'state', 'indexed')
    if there[1] == 'settled' and there[2] and there[2] ~= judged then parse_again(id) end
  end
end
function ops.delay(id, m)
  call('HDEL', entry(id), unpack(HELD))
  call('HSET', entry(id), 'state', 'delayed', 'reason', m.reason)
  call('HINCRBY', entry(id), 'tries', 1)
  call('ZADD', P .. 'delayed', score(now + m.wait), id)
end
function ops.requeue(id, m)
  call('HDEL', entry(id), unpack(HELD))
  if m.host then
    call('HSETNX', entry(id), 'home', call('HGET', entry(id), 'host'))  -- where it starts when it is opened again
    call('HSET', entry(id), 'host', m.host)
  end
  local e = call('HMGET', entry(id), 'host', 'priority')
  enqueue(id, e[1], e[2] or '1', m.front)
end
ops['return'] = function(id, m)
  call('HDEL', entry(id), unpack(HELD))
  if m.solo then call('HSET', entry(id), 'solo', '1') end
  make_ready(id, stage, now + hint)
end
function ops.rest(id, m)
  call('HDEL', entry(id), unpack(FETCHED))
  if call('HGET', entry(id), 'removed') then
    note_health(id, '')
    call('DEL', entry(id))
    return
  end
  go_home(id)
  if call('HDEL', entry(id), 'rests') == 1 then  -- paused or taken out of the file meanwhile, or polled once only
    note_health(id, '')
    call('HSET', entry(id), 'state', 'idle')
    call('HDEL', entry(id), 'scheduled')
    return
  end
  if m.set and m.set.health then note_health(id, m.set.health) end
  call('HSET', entry(id), 'state', 'idle', 'scheduled', '1')
  call('ZADD', P .. 'sources', score(now + m.wait), id)
end

for _, m in ipairs(cjson.decode(ARGV[6])) do
  local id = m.id
  local host = call('HGET', entry(id), 'host')
  if call('HGET', entry(id), 'owner') == owner and call('ZREM', P .. 'leased:' .. stage, id) == 1 then
    local w = call('HMGET', entry(id), 'told', 'indexed', 'quiet', 'doc', 'doc_url', 'former')
    local was = {told = w[1] or nil, indexed = w[2] or nil, quiet = w[3] or nil, doc = w[4] or nil, doc_url = w[5] or nil,
      former = w[6] or nil}
    fields(id, m)
    if stage == 'fetch' then call('ZREM', P .. 'rendering', id) end
    if m.turn and host then
      for name, value in pairs(m.turn.host or {}) do call('HSET', P .. 'host:' .. host, name, value) end
      free_host(host, id, now + m.turn.wait)
    end
    if not is_poll(id) then tell(id, m) end
    ops[m.op](id, m, was)
    moved[#moved + 1] = id
    if m.op ~= 'return' then ahead = ahead + 1 end
  end
end
if events > 0 then trim(tonumber(ARGV[7]), tonumber(ARGV[8])) end
if ahead > 0 then call('HINCRBY', P .. 'n', 'moved:' .. stage, ahead) end
return moved
