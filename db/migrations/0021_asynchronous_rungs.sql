ALTER TABLE "rung_scores" ADD COLUMN "promotion" integer;--> statement-breakpoint
-- Packs that have not ended, of running sweeps, by the trainers that they go to: docs/decisions/0055-observability.md. A trial has its place
-- among those of its route, in the order of their numbers, as search/space.ts has it, and none among those of others; on later rungs, among the
-- promoted ones, in the order of their promotion. Trials that are left out have ended.
CREATE OR REPLACE VIEW "sweep_demand" AS
	WITH routes AS MATERIALIZED (
		SELECT s.id AS sweep_id, s.name, s.retried_at, s.is_failed_only, s.pack_sizes, s.planned / p.partitions AS per_partition, p.partitions,
			jsonb_array_length(s.spec -> 'seeds') AS seeds, s.limits, r.*, (sum(cardinality(r.cells)) OVER (PARTITION BY s.id))::int AS all_cells,
			EXISTS (SELECT FROM comparisons c WHERE c.sweep_id = s.id AND c.compared_at >= coalesce(s.retried_at, s.started_at)) AS is_compared,
			(SELECT count(DISTINCT b.partition) FROM baselines b WHERE b.sweep_id = s.id AND b.name <> 'emulator') >= p.partitions AS has_baselines
		FROM sweeps s
		CROSS JOIN LATERAL (SELECT coalesce((s.spec #>> '{split,folds}')::int, (s.spec #>> '{split,repeats}')::int, 1) AS partitions) p
		CROSS JOIN LATERAL ROWS FROM (
			jsonb_to_recordset(coalesce(s.routes, jsonb_build_array(jsonb_build_object(
				'class', CASE jsonb_typeof(s.spec -> 'class') WHEN 'string' THEN s.spec ->> 'class' ELSE 'cpu' END,
				'methods', s.spec -> 'methods', 'planned', s.planned
			)))) AS (class text, engine text, methods text[], planned int, cells int[], names text[], points int[])
		) WITH ORDINALITY AS r (class, engine, methods, planned, cells, names, points, ordinal)
		WHERE s.state = 'running' AND s.removed_at IS NULL
	), packs AS (
		-- Of the rows themselves, those of failed and of promoted trials alone are read: the others' numbers are in an index.
		SELECT r.*, first.packs + later.packs AS unended
		FROM routes r
		CROSS JOIN LATERAL (
			SELECT CASE WHEN r.is_failed_only THEN count(*) FILTER (WHERE retried > 0)
				ELSE (r.planned + r.pack_sizes[1] - 1) / r.pack_sizes[1]
					- count(*) FILTER (WHERE retried = 0 AND trials = least(r.pack_sizes[1], r.planned - pack * r.pack_sizes[1]))
				END AS packs
			FROM (
				SELECT place / r.pack_sizes[1] AS pack, count(*) AS trials, count(*) FILTER (WHERE is_retried) AS retried
				FROM (
					SELECT retried.index IS NOT NULL AS is_retried,
						CASE WHEN cardinality(r.cells) < r.all_cells THEN
							t.index / r.per_partition * (r.planned / r.partitions)
							+ (t.index % r.per_partition / r.seeds / r.all_cells * cardinality(r.cells)
								+ array_position(r.cells, t.index % r.per_partition / r.seeds % r.all_cells) - 1) * r.seeds
							+ t.index % r.per_partition % r.seeds
						ELSE t.index END AS place
					FROM trials t LEFT JOIN (
						SELECT f.index FROM trials f
						WHERE r.retried_at IS NOT NULL AND f.sweep_id = r.sweep_id AND f.method = ANY (r.methods)
							AND f.outcome = 'failed' AND f.rung = 0 AND f.finished_at < r.retried_at
					) retried USING (index)
					WHERE t.sweep_id = r.sweep_id
					UNION ALL
					SELECT false, partition * (r.planned / r.partitions) + (point * cardinality(r.cells) + c.ordinal - 1) * r.seeds + seed
					FROM unnest(r.cells, r.names, r.points) WITH ORDINALITY AS c (position, name, points, ordinal)
					CROSS JOIN generate_series(least(c.points, (r.limits ->> c.name)::int), (r.per_partition / r.seeds - 1 - c.position) / r.all_cells) AS point
					CROSS JOIN generate_series(0, r.seeds - 1) AS seed
					CROSS JOIN generate_series(0, r.partitions - 1) AS partition
				) placed WHERE place IS NOT NULL GROUP BY 1
			) packed
		) first
		CROSS JOIN LATERAL (
			SELECT count(DISTINCT (on_rung, place / r.pack_sizes[on_rung + 1])) AS packs
			FROM (
				SELECT n AS on_rung, t.outcome, t.rung, t.promoted_into, t.finished_at,
					row_number() OVER (PARTITION BY n ORDER BY s.promotion NULLS FIRST, t.index) - 1 AS place
				FROM generate_series(1, cardinality(r.pack_sizes) - 1) AS n
				JOIN trials t ON t.sweep_id = r.sweep_id AND t.promoted_into > 0 AND t.promoted_into >= n AND t.method = ANY (r.methods)
				LEFT JOIN rung_scores s ON s.trial_id = t.id AND s.rung = n - 1
			) promoted
			WHERE outcome = 'rung' AND rung < on_rung AND promoted_into = on_rung
				OR outcome = 'failed' AND rung = on_rung AND finished_at < r.retried_at
		) later
	)
	SELECT sweep_id, name, class, engine, methods, greatest(unended, CASE
		WHEN is_compared THEN 0
		-- A workflow that was started again passes packs with nothing left to train; the baselines are fitted by the first route's trainers.
		WHEN retried_at IS NOT NULL OR ordinal = 1 AND NOT has_baselines OR sum(unended) OVER (PARTITION BY sweep_id) = 0 THEN 1
		ELSE 0
	END)::int AS packs
	FROM packs;
