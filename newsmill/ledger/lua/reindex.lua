-- How far the making of a new search index is. Each call is atomic; index workers take parts of it in turns.
--
-- Keys, behind the mill's prefix (KEYS[1]):
--   reindex        hash   kind (reindex | reparse), began, total, done, problem; after its end: ended, live, built, failed.
--                         For each part: <part>:after, <part>:until (places in the index), <part>:holder
--   reindex:parts  zset   part -> time it may be taken: the past while it waits, the end of the lease while it is worked on.
--                         `begin` cuts the others, numbers copy, `commit` swaps; it comes when no number is left.
-- ARGV: what to do, then what it needs (see the functions). Times are seconds by this server's clock.

local P = KEYS[1]
local call = redis.call
local STATE, PARTS = P .. 'reindex', P .. 'reindex:parts'
local t = call('TIME')
local now = tonumber(t[1]) + tonumber(t[2]) / 1000000
local function score(number) return string.format('%.6f', number) end
local function field(part, name) return part .. ':' .. name end
local function holds(part, holder)
  return call('HGET', STATE, field(part, 'holder')) == holder and call('ZSCORE', PARTS, part)
end

local ops = {}

function ops.begin(kind)  -- "1" if it begins, else the kind of what is under way already
  local e = call('HMGET', STATE, 'kind', 'ended')
  if e[1] and not e[2] then return e[1] end
  call('DEL', STATE, PARTS)
  call('HSET', STATE, 'kind', kind, 'began', score(now), 'total', 0, 'done', 0)
  if kind == 'reindex' then call('ZADD', PARTS, score(now), 'begin') end
  return '1'
end

function ops.take(holder, lease)  -- a part that waits: its name, after, until
  local part = call('ZRANGEBYSCORE', PARTS, '-inf', score(now), 'LIMIT', '0', '1')[1]
  if not part then return {} end
  call('ZADD', PARTS, score(now + tonumber(lease)), part)
  call('HSET', STATE, field(part, 'holder'), holder)
  local span = call('HMGET', STATE, field(part, 'after'), field(part, 'until'))
  return {part, span[1] or '', span[2] or ''}
end

local function close(part)
  call('ZREM', PARTS, part)
  call('HDEL', STATE, field(part, 'after'), field(part, 'until'), field(part, 'holder'))
  if part ~= 'commit' and call('ZCARD', PARTS) == 0 then call('ZADD', PARTS, score(now), 'commit') end
end

function ops.cut(part, holder, total, ...)  -- the parts: pairs of after and until
  if not holds(part, holder) then return 0 end
  local spans = {...}
  for i = 1, #spans, 2 do
    local name = tostring((i + 1) / 2)
    call('HSET', STATE, field(name, 'after'), spans[i], field(name, 'until'), spans[i + 1])
    call('ZADD', PARTS, score(now), name)
  end
  call('HSET', STATE, 'total', total, 'done', 0)
  close(part)
  return 1
end

function ops.advance(part, holder, lease, copied, after)  -- after: where to go on, "" when the part is done
  if not holds(part, holder) then return 0 end
  call('HINCRBY', STATE, 'done', copied)
  call('HDEL', STATE, 'problem')
  if after == '' then
    close(part)
  else
    call('HSET', STATE, field(part, 'after'), after)
    call('ZADD', PARTS, score(now + tonumber(lease)), part)
  end
  return 1
end

function ops.leave(part, holder, wait, problem)  -- it may be taken again after `wait` seconds
  if not holds(part, holder) then return 0 end
  call('HDEL', STATE, field(part, 'holder'))
  call('ZADD', PARTS, score(now + tonumber(wait)), part)
  if problem ~= '' then call('HSET', STATE, 'problem', problem) end
  return 1
end

function ops.swapping(part, holder)  -- notes that the swap is about to happen; "1" if it was noted before
  if not holds(part, holder) then return '' end
  return tostring(1 - call('HSETNX', STATE, 'swapping', '1'))
end

function ops.finish(kind, live, built, failed)  -- the end of all, if that kind is under way
  local e = call('HMGET', STATE, 'kind', 'ended')
  if e[1] ~= kind or e[2] then return 0 end
  call('DEL', PARTS)
  call('HSET', STATE, 'ended', score(now), 'live', live, 'built', built)
  if failed ~= '' then call('HSET', STATE, 'failed', failed) end
  return 1
end

function ops.again(holder, part)  -- the index that was being built has gone: from the beginning
  if not holds(part, holder) then return 0 end
  call('DEL', PARTS)
  call('HDEL', STATE, 'swapping', field(part, 'holder'))
  call('ZADD', PARTS, score(now), 'begin')
  return 1
end

function ops.waiting()  -- how many parts wait for a worker
  return call('ZCOUNT', PARTS, '-inf', score(now))
end

return ops[ARGV[1]](unpack(ARGV, 2))
