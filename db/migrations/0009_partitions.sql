ALTER TABLE "baseline_errors" ADD COLUMN "partition" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "baselines" ADD COLUMN "partition" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "covered_variances" ADD COLUMN "partition" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "trials" ADD COLUMN "partition" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "trials" DROP CONSTRAINT "trials_result";--> statement-breakpoint
DROP INDEX "covered_variances_best";--> statement-breakpoint
ALTER TABLE "baseline_errors" DROP CONSTRAINT "baseline_errors_sweep_id_name_k_seed_configuration_hash_pk";--> statement-breakpoint
ALTER TABLE "baselines" DROP CONSTRAINT "baselines_sweep_id_name_k_seed_configuration_hash_split_pk";--> statement-breakpoint
ALTER TABLE "baseline_errors" ADD CONSTRAINT "baseline_errors_pk" PRIMARY KEY("sweep_id","name","k","seed","configuration_hash","partition");--> statement-breakpoint
ALTER TABLE "baselines" ADD CONSTRAINT "baselines_pk" PRIMARY KEY("sweep_id","name","k","seed","configuration_hash","split","partition");--> statement-breakpoint
CREATE INDEX "covered_variances_best" ON "covered_variances" USING btree ("sweep_id","method","k","partition","covered_variance" DESC NULLS LAST,"trial_id") WHERE "covered_variances"."split" = 'validation';--> statement-breakpoint
ALTER TABLE "trials" ADD CONSTRAINT "trials_result" UNIQUE("sweep_id","configuration_hash","seed","partition","dataset_version","engine");
