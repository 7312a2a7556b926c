with recursive lineage as (
  (select 0 as depth, v.* from dataset_versions v
   where name = $1 and starts_with(version, $2) order by imported_at desc, version limit 1)
  union all
  select depth + 1, v.* from lineage l join dataset_versions v on v.name = l.name and v.version = l.parent
)
select name, version, description, imported_at as "importedAt" from lineage order by depth desc;
-- $1 = "water"
-- $2 = "abab"
