-- A version that may work here leaves its numbers: neither of them ever falls (see schema.py).
-- ARGV: now (not looked at), schema of the version, oldest schema whose versions can go on with what it writes
local key = P .. 'schema'
if call('HGET', key, 'upgrading') then return end
for i, name in ipairs({'number', 'oldest'}) do
  if tonumber(call('HGET', key, name) or '1') < tonumber(ARGV[i + 1]) then call('HSET', key, name, ARGV[i + 1]) end
  call('HSETNX', key, name, '1')
end
