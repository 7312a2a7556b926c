ALTER TABLE "trainers" ADD COLUMN "packs" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "sweeps" ADD COLUMN "state_since" timestamp with time zone DEFAULT now() NOT NULL;--> statement-breakpoint
UPDATE "sweeps" SET "state_since" = coalesce("finished_at", "started_at");--> statement-breakpoint
ALTER TABLE "sweeps" ADD COLUMN "routes" jsonb;--> statement-breakpoint
ALTER TABLE "sweeps" ADD COLUMN "retried_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "sweeps" ADD COLUMN "is_failed_only" boolean DEFAULT false NOT NULL;--> statement-breakpoint
-- Views for Grafana, autoscalers and notebooks: docs/guides/monitoring.md promises their names and columns.
CREATE VIEW "sweep_overview" AS
	SELECT s.id AS sweep_id, s.name, s.state, s.message, s.dataset, left(s.dataset_version, 12) AS dataset_version, s.target,
		ARRAY(SELECT jsonb_array_elements_text(s.spec -> 'methods')) AS methods,
		ARRAY(SELECT DISTINCT r ->> 'class' FROM jsonb_array_elements(coalesce(s.routes, '[]')) AS r ORDER BY 1) AS classes,
		s.planned, t.completed, t.pruned, t.diverged, t.failed,
		round(100.0 * (t.completed + t.pruned + t.diverged + t.failed) / nullif(s.planned, 0), 1)::float8 AS percent,
		t.core_seconds, s.started_at, s.finished_at,
		greatest(0, extract(epoch FROM coalesce(s.finished_at, now()) - s.started_at))::float8 AS seconds,
		greatest(s.started_at, w.written_at, c.saved_at) AS last_written_at
	FROM sweeps s
	CROSS JOIN LATERAL (
		SELECT (count(*) FILTER (WHERE outcome = 'completed'))::int AS completed, (count(*) FILTER (WHERE outcome = 'pruned'))::int AS pruned,
			(count(*) FILTER (WHERE outcome = 'diverged'))::int AS diverged, (count(*) FILTER (WHERE outcome = 'failed'))::int AS failed,
			coalesce(sum(trials.seconds), 0)::float8 AS core_seconds
		FROM trials WHERE sweep_id = s.id
	) t
	LEFT JOIN LATERAL (SELECT written_at FROM writes WHERE sweep_id = s.id AND revision IS NOT NULL ORDER BY revision DESC LIMIT 1) w ON true
	LEFT JOIN LATERAL (SELECT max(saved_at) AS saved_at FROM checkpoints WHERE sweep_id = s.id) c ON true
	WHERE s.removed_at IS NULL;--> statement-breakpoint
-- Validation scores of completed trials, and what the comparison reports of the chosen configuration on the test split, once there is one.
CREATE VIEW "method_overview" AS
	WITH validated AS (
		SELECT sweep_id, method, k, count(*)::int AS trials, max(covered_variance) AS validation_best, avg(covered_variance) AS validation_mean
		FROM covered_variances WHERE split = 'validation' AND covered_variance IS NOT NULL GROUP BY sweep_id, method, k
	), compared AS (
		SELECT c.sweep_id, r ->> 'method' AS method, (r ->> 'k')::int AS k, r -> 'coveredVariance' AS test, r -> 'structureCoveredVariance' AS structure
		FROM comparisons c CROSS JOIN LATERAL jsonb_array_elements(c.result -> 'rows') AS r
	)
	SELECT s.id AS sweep_id, s.name, s.target, method, k, v.trials, v.validation_best, v.validation_mean,
		(c.test ->> 'mean')::float8 AS test_mean, (c.test ->> 'low')::float8 AS test_low, (c.test ->> 'high')::float8 AS test_high,
		(c.test ->> 'best')::float8 AS test_best, (c.structure ->> 'mean')::float8 AS structure_test_mean
	FROM validated v LEFT JOIN compared c USING (sweep_id, method, k) JOIN sweeps s ON s.id = v.sweep_id
	WHERE s.removed_at IS NULL;--> statement-breakpoint
-- Trials by the hour in which they ended; seconds of a core over all of their rungs and attempts.
CREATE VIEW "throughput" AS
	SELECT date_trunc('hour', t.finished_at) AS hour, t.sweep_id, s.name, t.engine, t.method, t.outcome, count(*)::int AS trials,
		sum(t.epochs)::int8 AS epochs, sum(t.seconds)::float8 AS core_seconds
	FROM trials t JOIN sweeps s ON s.id = t.sweep_id
	WHERE t.outcome <> 'rung' AND s.removed_at IS NULL
	GROUP BY 1, 2, 3, 4, 5, 6;--> statement-breakpoint
CREATE VIEW "retraining_overview" AS
	SELECT r.id AS run_id, r.name, n.dataset, n.target, r.outcome, r.message, left(r.from_version, 12) AS from_version, left(r.to_version, 12) AS to_version,
		coalesce(cardinality(r.sweep_ids), 0) AS sweeps, jsonb_array_length(coalesce(r.challenges, '[]')) AS challenges,
		(SELECT count(*)::int FROM jsonb_array_elements(coalesce(r.challenges, '[]')) AS c WHERE (c ->> 'promoted')::boolean) AS promoted,
		r.started_at, r.finished_at, greatest(0, extract(epoch FROM coalesce(r.finished_at, now()) - r.started_at))::float8 AS seconds
	FROM retrain_runs r JOIN retrainings n USING (name)
	WHERE n.removed_at IS NULL;--> statement-breakpoint
-- Trainers that have recorded themselves within the last minute, as they do every ten seconds.
CREATE VIEW "trainer_overview" AS
	SELECT id AS trainer_id, class, engines, slots, packs, seen_at
	FROM trainers WHERE seen_at BETWEEN now() - interval '1 minute' AND now() + interval '1 minute';--> statement-breakpoint
-- Packs that have not ended, of running sweeps, by the trainers that they go to: docs/decisions/0055-observability.md. A trial has its place
-- among those of its route, in the order of their numbers, as search/space.ts has it; on later rungs, among the promoted ones.
CREATE VIEW "sweep_demand" AS
	WITH routes AS (
		SELECT s.id AS sweep_id, s.name, s.retried_at, s.is_failed_only, s.pack_sizes, s.planned / p.partitions AS per_partition, p.partitions,
			jsonb_array_length(s.spec -> 'seeds') AS seeds, r.*, (sum(cardinality(r.cells)) OVER (PARTITION BY s.id))::int AS all_cells,
			EXISTS (SELECT FROM comparisons c WHERE c.sweep_id = s.id AND c.compared_at >= coalesce(s.retried_at, s.started_at)) AS is_compared,
			(SELECT count(DISTINCT b.partition) FROM baselines b WHERE b.sweep_id = s.id AND b.name <> 'emulator') >= p.partitions AS has_baselines
		FROM sweeps s
		CROSS JOIN LATERAL (SELECT coalesce((s.spec #>> '{split,folds}')::int, (s.spec #>> '{split,repeats}')::int, 1) AS partitions) p
		CROSS JOIN LATERAL ROWS FROM (
			jsonb_to_recordset(coalesce(s.routes, jsonb_build_array(jsonb_build_object(
				'class', CASE jsonb_typeof(s.spec -> 'class') WHEN 'string' THEN s.spec ->> 'class' ELSE 'cpu' END,
				'methods', s.spec -> 'methods', 'planned', s.planned
			)))) AS (class text, engine text, methods text[], planned int, cells int[])
		) WITH ORDINALITY AS r (class, engine, methods, planned, cells, ordinal)
		WHERE s.state = 'running' AND s.removed_at IS NULL
	), packs AS (
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
					SELECT coalesce(t.outcome = 'failed' AND t.rung = 0 AND t.finished_at < r.retried_at, false) AS is_retried,
						CASE WHEN cardinality(r.cells) < r.all_cells THEN
							t.index / r.per_partition * (r.planned / r.partitions)
							+ (t.index % r.per_partition / r.seeds / r.all_cells * cardinality(r.cells)
								+ array_position(r.cells, t.index % r.per_partition / r.seeds % r.all_cells) - 1) * r.seeds
							+ t.index % r.per_partition % r.seeds
						ELSE t.index END AS place
					FROM trials t WHERE t.sweep_id = r.sweep_id AND t.method = ANY (r.methods)
				) placed GROUP BY 1
			) packed
		) first
		CROSS JOIN LATERAL (
			SELECT count(DISTINCT (on_rung, place / r.pack_sizes[on_rung + 1])) AS packs
			FROM (
				SELECT n AS on_rung, t.outcome, t.rung, t.promoted_into, t.finished_at, row_number() OVER (PARTITION BY n ORDER BY t.index) - 1 AS place
				FROM generate_series(1, cardinality(r.pack_sizes) - 1) AS n
				JOIN trials t ON t.sweep_id = r.sweep_id AND t.promoted_into > 0 AND t.promoted_into >= n AND t.method = ANY (r.methods)
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
	FROM packs;--> statement-breakpoint
-- What autoscalers read: a row for each class that a running sweep asks for or a trainer at work has.
CREATE VIEW "pack_demand" AS
	SELECT class, running, packs - running AS waiting, packs
	FROM (
		SELECT class, coalesce(t.packs, 0)::int AS running, greatest(coalesce(d.packs, 0), coalesce(t.packs, 0))::int AS packs
		FROM (SELECT class, sum(packs) AS packs FROM sweep_demand GROUP BY class) d
		FULL JOIN (SELECT class, sum(packs) AS packs FROM trainer_overview GROUP BY class) t USING (class)
	) demand;
