CREATE TABLE "baselines" (
	"sweep_id" text NOT NULL,
	"name" text NOT NULL,
	"k" integer NOT NULL,
	"seed" bigint NOT NULL,
	"configuration_hash" text NOT NULL,
	"split" text NOT NULL,
	"covered_variance" double precision NOT NULL,
	CONSTRAINT "baselines_sweep_id_name_k_seed_configuration_hash_split_pk" PRIMARY KEY("sweep_id","name","k","seed","configuration_hash","split")
);
--> statement-breakpoint
CREATE TABLE "blob_parts" (
	"sha256" text NOT NULL,
	"part" integer NOT NULL,
	"bytes" "bytea" NOT NULL,
	CONSTRAINT "blob_parts_sha256_part_pk" PRIMARY KEY("sha256","part")
);
--> statement-breakpoint
CREATE TABLE "blobs" (
	"sha256" text PRIMARY KEY NOT NULL,
	"bytes" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "checkpoints" (
	"trial_id" text PRIMARY KEY NOT NULL,
	"sweep_id" text NOT NULL,
	"epoch" integer NOT NULL,
	"bytes" "bytea" NOT NULL,
	"saved_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "comparisons" (
	"sweep_id" text PRIMARY KEY NOT NULL,
	"result" jsonb NOT NULL,
	"compared_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "covered_variances" (
	"trial_id" text NOT NULL,
	"split" text NOT NULL,
	"k" integer NOT NULL,
	"covered_variance" double precision NOT NULL,
	"structure_covered_variance" double precision,
	CONSTRAINT "covered_variances_trial_id_split_k_pk" PRIMARY KEY("trial_id","split","k"),
	CONSTRAINT "covered_variances_split" CHECK (split in ('train', 'validation', 'test'))
);
--> statement-breakpoint
CREATE TABLE "dataset_versions" (
	"name" text NOT NULL,
	"version" text NOT NULL,
	"description" jsonb NOT NULL,
	"imported_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "dataset_versions_name_version_pk" PRIMARY KEY("name","version")
);
--> statement-breakpoint
CREATE TABLE "latents" (
	"trial_id" text NOT NULL,
	"split" text NOT NULL,
	"block" integer NOT NULL,
	"first_row" integer NOT NULL,
	"rows" integer NOT NULL,
	"k" integer NOT NULL,
	"dtype" text DEFAULT '<f4' NOT NULL,
	"sha256" text NOT NULL,
	"bytes" "bytea" NOT NULL,
	"sample_step" integer NOT NULL,
	"sample" real[] NOT NULL,
	CONSTRAINT "latents_trial_id_split_block_pk" PRIMARY KEY("trial_id","split","block")
);
--> statement-breakpoint
CREATE TABLE "learning_curves" (
	"trial_id" text PRIMARY KEY NOT NULL,
	"train" double precision[] NOT NULL,
	"validation" double precision[] NOT NULL,
	"best" integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE "models" (
	"trial_id" text PRIMARY KEY NOT NULL,
	"sha256" text NOT NULL,
	"bytes" "bytea" NOT NULL
);
--> statement-breakpoint
CREATE TABLE "rung_scores" (
	"trial_id" text NOT NULL,
	"rung" integer NOT NULL,
	"validation" double precision NOT NULL,
	CONSTRAINT "rung_scores_trial_id_rung_pk" PRIMARY KEY("trial_id","rung")
);
--> statement-breakpoint
CREATE TABLE "sweeps" (
	"id" text PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"spec" jsonb NOT NULL,
	"dataset" text NOT NULL,
	"dataset_version" text NOT NULL,
	"target" text NOT NULL,
	"state" text NOT NULL,
	"message" text,
	"planned" integer NOT NULL,
	"pack_sizes" integer[] NOT NULL,
	"code_version" text NOT NULL,
	"started_at" timestamp with time zone DEFAULT now() NOT NULL,
	"finished_at" timestamp with time zone,
	CONSTRAINT "sweeps_state" CHECK (state in ('running', 'paused', 'completed', 'partial', 'failed', 'cancelled'))
);
--> statement-breakpoint
CREATE TABLE "trials" (
	"id" text PRIMARY KEY NOT NULL,
	"sweep_id" text NOT NULL,
	"index" integer NOT NULL,
	"configuration_hash" text NOT NULL,
	"seed" bigint NOT NULL,
	"dataset_version" text NOT NULL,
	"engine" text NOT NULL,
	"configuration" jsonb NOT NULL,
	"method" text NOT NULL,
	"k" integer NOT NULL,
	"cell" text NOT NULL,
	"outcome" text NOT NULL,
	"rung" integer NOT NULL,
	"promoted_into" integer DEFAULT 0 NOT NULL,
	"validation" double precision,
	"epochs" integer NOT NULL,
	"seconds" double precision NOT NULL,
	"failure_code" text,
	"message" text,
	"engine_build" text NOT NULL,
	"code_version" text NOT NULL,
	"host" text NOT NULL,
	"recorded_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "trials_once" UNIQUE("sweep_id","configuration_hash","seed","dataset_version","engine"),
	CONSTRAINT "trials_outcome" CHECK (outcome in ('rung', 'completed', 'pruned', 'diverged', 'failed'))
);
--> statement-breakpoint
ALTER TABLE "baselines" ADD CONSTRAINT "baselines_sweep_id_sweeps_id_fk" FOREIGN KEY ("sweep_id") REFERENCES "public"."sweeps"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "checkpoints" ADD CONSTRAINT "checkpoints_sweep_id_sweeps_id_fk" FOREIGN KEY ("sweep_id") REFERENCES "public"."sweeps"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "comparisons" ADD CONSTRAINT "comparisons_sweep_id_sweeps_id_fk" FOREIGN KEY ("sweep_id") REFERENCES "public"."sweeps"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "covered_variances" ADD CONSTRAINT "covered_variances_trial_id_trials_id_fk" FOREIGN KEY ("trial_id") REFERENCES "public"."trials"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "latents" ADD CONSTRAINT "latents_trial_id_trials_id_fk" FOREIGN KEY ("trial_id") REFERENCES "public"."trials"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "learning_curves" ADD CONSTRAINT "learning_curves_trial_id_trials_id_fk" FOREIGN KEY ("trial_id") REFERENCES "public"."trials"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "models" ADD CONSTRAINT "models_trial_id_trials_id_fk" FOREIGN KEY ("trial_id") REFERENCES "public"."trials"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "rung_scores" ADD CONSTRAINT "rung_scores_trial_id_trials_id_fk" FOREIGN KEY ("trial_id") REFERENCES "public"."trials"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "trials" ADD CONSTRAINT "trials_sweep_id_sweeps_id_fk" FOREIGN KEY ("sweep_id") REFERENCES "public"."sweeps"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "sweeps_by_name" ON "sweeps" USING btree ("name","started_at");--> statement-breakpoint
CREATE INDEX "trials_by_index" ON "trials" USING btree ("sweep_id","index");--> statement-breakpoint
CREATE INDEX "trials_by_outcome" ON "trials" USING btree ("sweep_id","outcome","method");