with recursive chain as (
    select version, parent from dataset_versions where name = $1 and version = any($2::text[])
    union
    select v.version, v.parent from chain c join dataset_versions v on v.name = $3 and v.version = c.parent
  )
  select
version, parent, coalesce(rows, (description ->> 'rows')::int, 0) as rows, coalesce((description ->> 'rows')::int, 0) as added,
imported_at as "importedAt" from dataset_versions
  where name = $4 and version in (select version from chain) order by imported_at, version;
-- $1 = "water"
-- $2 = ["abc"]
-- $3 = "water"
-- $4 = "water"
