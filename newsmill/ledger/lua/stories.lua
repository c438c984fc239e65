-- Finds the story of each article, or begins one. Whole batches, atomically, so that two workers that index two
-- copies at once agree.
--
-- Keys, behind the prefix KEYS[1]:
--   story:now             hash    gen (number of the newest generation), since (when it began), n (stories in it),
--                                 signed (the version of its signatures; absent: 1)
--   story:<gen>:<bucket>  hash    band number and band (7 bytes) -> story; small hashes, which Redis keeps compactly
--   story:<gen>:s<bucket> hash    story -> one byte for each number of its first article's signature
-- A generation is `period` seconds long, or shorter when it holds `most` stories. Two are kept: the memory is bounded.
-- Signatures of another version are alike to none, so with one no generation of before is looked into.
--
-- ARGV: now, period (s), most, bands, rows, alike, version of signatures, then for each article: id, signature (2 bytes a number)
-- Returns the story of each article: the id of the first article of it.
local P, call = KEYS[1], redis.call
local now, period, most = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local bands, rows, alike = tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])
local BUCKETS = 1024  -- a band: with 100 entries each, 100,000 stories a generation stay in compact hashes
local CANDIDATES = 12

local state = call('HMGET', P .. 'story:now', 'gen', 'since', 'n', 'signed')
local gen, since, n = tonumber(state[1] or '1'), tonumber(state[2] or now), tonumber(state[3] or '0')
if now - since >= period or n >= most then
  gen, since, n = gen + 1, now, 0
end
if state[1] and (state[4] or '1') ~= ARGV[7] then
  gen, since, n = gen + 2, now, 0
end

local function bucket(g, band, text)
  return P .. 'story:' .. g .. ':' .. band .. '.' .. (string.byte(text, 1) * 256 + string.byte(text, 2)) % BUCKETS
end
local function short(signature)
  local out = {}
  for i = 2, #signature, 2 do out[#out + 1] = string.sub(signature, i, i) end
  return table.concat(out)
end
local function signatures(g, story)
  return P .. 'story:' .. g .. ':s' .. tonumber(redis.sha1hex(story):sub(1, 3), 16)
end
local function equal(a, b)
  local count = 0
  for i = 1, #a do if string.byte(a, i) == string.byte(b, i) then count = count + 1 end end
  return count
end

local function find(signature, mine)
  local seen, looked, best, most_equal = {}, 0, nil, alike - 1
  for _, g in ipairs({gen, gen - 1}) do
    for band = 0, bands - 1 do
      local text = string.sub(signature, band * rows * 2 + 1, (band + 1) * rows * 2)
      local story = call('HGET', bucket(g, band, text), text)
      if story and not seen[story] and looked < CANDIDATES then
        seen[story], looked = true, looked + 1
        local theirs = call('HGET', signatures(g, story), story)
        local count = theirs and equal(theirs, mine) or 0
        if count > most_equal then best, most_equal = story, count end
      end
    end
  end
  return best
end

local function begin(story, signature, mine)
  for band = 0, bands - 1 do
    local text = string.sub(signature, band * rows * 2 + 1, (band + 1) * rows * 2)
    local key = bucket(gen, band, text)
    call('HSETNX', key, text, story)
    call('EXPIRE', key, 2 * period)
  end
  local key = signatures(gen, story)
  call('HSET', key, story, mine)
  call('EXPIRE', key, 2 * period)
  n = n + 1
end

local stories = {}
for i = 8, #ARGV, 2 do
  local id, signature = ARGV[i], ARGV[i + 1]
  local mine = short(signature)
  local story = find(signature, mine)
  if not story then
    story = id
    begin(story, signature, mine)
  end
  stories[#stories + 1] = story
end
call('HSET', P .. 'story:now', 'gen', gen, 'since', since, 'n', n, 'signed', ARGV[7])
return stories
