select
version, parent, coalesce(rows, (description ->> 'rows')::int, 0) as rows, coalesce((description ->> 'rows')::int, 0) as added,
imported_at as "importedAt" from dataset_versions
  where name = $1 and true
  order by imported_at, version;
-- $1 = "water"
