select content, folder, fingerprint, outcome, version, message, seen_at as "seenAt", seen_at::text as place, (folder || ' ' || content)::text as "placeId" from shards
where name = $1 and true
  and (seen_at, folder || ' ' || content) < ($2::text::timestamptz, $3)
order by seen_at desc, folder || ' ' || content desc limit $4;
-- $1 = "waist"
-- $2 = "2026-01-02 03:04:05.678901+00"
-- $3 = "r1"
-- $4 = 21

select (count(*) filter (where true))::int as matched, count(*)::int as total from shards where name = $1;
-- $1 = "waist"
