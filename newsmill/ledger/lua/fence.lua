-- `newsmill upgrade` begins: what every script works on goes ahead to where the ledger will live, and something that is
-- no such thing stays in its place, so that workers of older versions fail before they change anything.
-- ARGV: now (not looked at), the schema to come, number and oldest now, then the names of keys
local to = ARGV[2]
call('HSET', P .. 'schema', 'number', ARGV[3], 'oldest', ARGV[4], 'upgrading', to)
for i = 5, #ARGV do
  local key = P .. ARGV[i]
  if call('EXISTS', key) == 1 then call('RENAME', key, P .. to .. ':' .. ARGV[i]) end
  call('SET', key, 'this ledger was brought to schema ' .. to .. ' by `newsmill upgrade`')
end
