select
t.id as "trialId", t.index, t.method, t.k, t.seed::float8 as seed, t.partition, t.configuration as config, t.outcome, t.rung, t.validation,
t.epochs, t.seconds, t.started_at as "startedAt", t.finished_at as "finishedAt", t.message, t.sweep_id as "sweepId", t.configuration_hash as "configurationHash", t.failure_code as "failureCode", t.engine,
         t.engine_build as "engineBuild", t.code_version as "codeVersion", t.host,
         exists (select from models m where m.trial_id = t.id) as "hasModel",
         exists (select from latents l where l.trial_id = t.id) as "hasLatents",
         exists (select from learning_curves c where c.trial_id = t.id) as "hasCurve"
  from trials t where t.id = $1;
-- $1 = "s1-0"
