-- Who may write a document. The entry whose own address is the document's always may; another one (found through a
-- redirect or a canonical link) may while the document's own address is unknown here, or ended without a document.
-- ARGV: now (unused), then pairs of entry id, document id. Returns a list of 1 (may write) and 0 (it is another's: a duplicate).
local answer = {}
for i = 2, #ARGV, 2 do
  local id, doc = ARGV[i], ARGV[i + 1]
  local key = P .. 'own:' .. doc
  local owner = call('GET', key)
  if id == doc then
    if owner then  -- the canonical address arrived after an alias: the alias becomes a duplicate
      call('DEL', key)
      local told = call('HGET', entry(owner), 'told')  -- subscribers know the article already
      if told then
        call('HSETNX', entry(id), 'told', told)
        call('HDEL', entry(owner), 'told')
      end
      local e = call('HMGET', entry(owner), 'state', 'outcome', 'url')
      if e[1] == 'settled' and (e[2] == 'indexed' or e[2] == 'unchanged') then
        call('HSET', entry(owner), 'outcome', 'duplicate', 'reason', 'of ' .. (call('HGET', entry(id), 'url') or id))
        call('HDEL', entry(owner), 'indexed', 'fingerprint')
        count('outcome:' .. e[2], -1)
        count('outcome:duplicate', 1)
      end
    end
    answer[#answer + 1] = 1
  elseif owner then
    answer[#answer + 1] = owner == id and 1 or 0
  else
    local e = call('HMGET', entry(doc), 'state', 'outcome')
    local mine = not e[1] and call('HEXISTS', P .. 'seen:' .. string.sub(doc, 1, 4), string.sub(doc, 5)) == 0
    if e[1] == 'settled' then
      mine = e[2] == 'failed' or e[2] == 'excluded' or e[2] == 'gone' or e[2] == 'empty' or e[2] == 'quarantined'
    end
    if mine then call('SET', key, id) end
    answer[#answer + 1] = mine and 1 or 0
  end
end
return answer
