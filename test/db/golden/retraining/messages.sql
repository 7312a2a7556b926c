select
event_id as "eventId", channel, state, attempts, last_error as "lastError", delivered_at as "deliveredAt" from messages where event_id = any($1::text[]::uuid[]) order by event_id, channel;
-- $1 = ["00000000-0000-4000-8000-000000000001"]
