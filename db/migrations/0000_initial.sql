CREATE TABLE "baselines" (
	"sweep_id" text NOT NULL,
	"name" text NOT NULL,
	"k" integer NOT NULL,
	"seed" bigint NOT NULL,
	"configuration_hash" text NOT NULL,
	"split" text NOT NULL,
	"covered_variance" double precision,
	CONSTRAINT "baselines_sweep_id_name_k_seed_configuration_hash_split_pk" PRIMARY KEY("sweep_id","name","k","seed","configuration_hash","split"),
	CONSTRAINT "baselines_split" CHECK ("baselines"."split" in ('train', 'validation', 'test')),
	CONSTRAINT "baselines_k" CHECK ("baselines"."k" >= 0),
	CONSTRAINT "baselines_finite" CHECK ("baselines"."covered_variance" > '-Infinity' and "baselines"."covered_variance" < 'Infinity')
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
	"bytes" bigint NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "blobs_sha256" CHECK ("blobs"."sha256" ~ '^[0-9a-f]{64}$'),
	CONSTRAINT "blobs_bytes" CHECK ("blobs"."bytes" >= 0)
);
--> statement-breakpoint
CREATE TABLE "checkpoints" (
	"trial_id" text PRIMARY KEY NOT NULL,
	"sweep_id" text NOT NULL,
	"epoch" integer NOT NULL,
	"sha256" text NOT NULL,
	"bytes" "bytea" NOT NULL,
	"saved_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "checkpoints_sha256" CHECK ("checkpoints"."sha256" ~ '^[0-9a-f]{64}$')
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
	"covered_variance" double precision,
	"structure_covered_variance" double precision,
	"sweep_id" text NOT NULL,
	"method" text NOT NULL,
	CONSTRAINT "covered_variances_trial_id_split_k_pk" PRIMARY KEY("trial_id","split","k"),
	CONSTRAINT "covered_variances_split" CHECK ("covered_variances"."split" in ('train', 'validation', 'test')),
	CONSTRAINT "covered_variances_finite" CHECK ("covered_variances"."covered_variance" > '-Infinity' and "covered_variances"."covered_variance" < 'Infinity'),
	CONSTRAINT "covered_variances_structure_finite" CHECK ("covered_variances"."structure_covered_variance" > '-Infinity' and "covered_variances"."structure_covered_variance" < 'Infinity')
);
--> statement-breakpoint
CREATE TABLE "dataset_versions" (
	"name" text NOT NULL,
	"version" text NOT NULL,
	"description" jsonb NOT NULL,
	"imported_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "dataset_versions_name_version_pk" PRIMARY KEY("name","version"),
	CONSTRAINT "dataset_versions_version" CHECK ("dataset_versions"."version" ~ '^[0-9a-f]{64}$')
);
--> statement-breakpoint
CREATE TABLE "latents" (
	"trial_id" text NOT NULL,
	"split" text NOT NULL,
	"block" integer NOT NULL,
	"first_row" integer NOT NULL,
	"rows" integer NOT NULL,
	"k" integer NOT NULL,
	"dtype" text NOT NULL,
	"sha256" text NOT NULL,
	"bytes" "bytea" NOT NULL,
	"sample_step" integer NOT NULL,
	"sample" real[] NOT NULL,
	CONSTRAINT "latents_trial_id_split_block_pk" PRIMARY KEY("trial_id","split","block"),
	CONSTRAINT "latents_split" CHECK ("latents"."split" in ('train', 'validation', 'test')),
	CONSTRAINT "latents_dtype" CHECK ("latents"."dtype" in ('float32le')),
	CONSTRAINT "latents_sha256" CHECK ("latents"."sha256" ~ '^[0-9a-f]{64}$'),
	CONSTRAINT "latents_size" CHECK (octet_length("latents"."bytes") = 4 * "latents"."rows" * "latents"."k")
);
--> statement-breakpoint
CREATE TABLE "learning_curves" (
	"trial_id" text PRIMARY KEY NOT NULL,
	"train" real[] NOT NULL,
	"validation" real[] NOT NULL,
	"best" integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE "models" (
	"trial_id" text PRIMARY KEY NOT NULL,
	"sweep_id" text NOT NULL,
	"sha256" text NOT NULL,
	"bytes" "bytea" NOT NULL,
	CONSTRAINT "models_sha256" CHECK ("models"."sha256" ~ '^[0-9a-f]{64}$')
);
--> statement-breakpoint
CREATE TABLE "rung_scores" (
	"trial_id" text NOT NULL,
	"rung" integer NOT NULL,
	"validation" double precision NOT NULL,
	CONSTRAINT "rung_scores_trial_id_rung_pk" PRIMARY KEY("trial_id","rung"),
	CONSTRAINT "rung_scores_validation" CHECK ("rung_scores"."validation" < 'Infinity')
);
--> statement-breakpoint
CREATE TABLE "sweeps" (
	"id" text PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"spec" jsonb NOT NULL,
	"dataset" text NOT NULL,
	"dataset_version" text NOT NULL,
	"target" text NOT NULL,
	"planned" integer NOT NULL,
	"pack_sizes" integer[] NOT NULL,
	"code_version" text NOT NULL,
	"state" text DEFAULT 'running' NOT NULL,
	"message" text,
	"started_at" timestamp with time zone DEFAULT now() NOT NULL,
	"finished_at" timestamp with time zone,
	CONSTRAINT "sweeps_state" CHECK ("sweeps"."state" in ('running', 'paused', 'completed', 'partial', 'failed', 'cancelled')),
	CONSTRAINT "sweeps_planned" CHECK ("sweeps"."planned" >= 0)
);
--> statement-breakpoint
CREATE TABLE "trials" (
	"id" text PRIMARY KEY NOT NULL,
	"sweep_id" text NOT NULL,
	"index" integer NOT NULL,
	"method" text NOT NULL,
	"k" integer NOT NULL,
	"cell" text NOT NULL,
	"configuration" jsonb NOT NULL,
	"configuration_hash" text NOT NULL,
	"seed" bigint NOT NULL,
	"outcome" text NOT NULL,
	"rung" integer NOT NULL,
	"promoted_into" integer DEFAULT 0 NOT NULL,
	"validation" double precision,
	"failure_code" text,
	"message" text,
	"epochs" integer NOT NULL,
	"seconds" double precision NOT NULL,
	"started_at" timestamp with time zone NOT NULL,
	"finished_at" timestamp with time zone NOT NULL,
	"dataset_version" text NOT NULL,
	"engine" text NOT NULL,
	"engine_build" text NOT NULL,
	"code_version" text NOT NULL,
	"host" text NOT NULL,
	CONSTRAINT "trials_result" UNIQUE("sweep_id","configuration_hash","seed","dataset_version","engine"),
	CONSTRAINT "trials_index" UNIQUE("sweep_id","index"),
	CONSTRAINT "trials_method" CHECK ("trials"."method" in ('ednn', 'eca', 'nnca')),
	CONSTRAINT "trials_outcome" CHECK ("trials"."outcome" in ('rung', 'completed', 'pruned', 'diverged', 'failed')),
	CONSTRAINT "trials_k" CHECK ("trials"."k" >= 1),
	CONSTRAINT "trials_validation" CHECK ("trials"."validation" > '-Infinity' and "trials"."validation" < 'Infinity'),
	CONSTRAINT "trials_failure" CHECK (("trials"."outcome" = 'failed') = ("trials"."failure_code" is not null))
);
--> statement-breakpoint
ALTER TABLE "baselines" ADD CONSTRAINT "baselines_sweep_id_sweeps_id_fk" FOREIGN KEY ("sweep_id") REFERENCES "public"."sweeps"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "blob_parts" ADD CONSTRAINT "blob_parts_sha256_blobs_sha256_fk" FOREIGN KEY ("sha256") REFERENCES "public"."blobs"("sha256") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "checkpoints" ADD CONSTRAINT "checkpoints_sweep_id_sweeps_id_fk" FOREIGN KEY ("sweep_id") REFERENCES "public"."sweeps"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "comparisons" ADD CONSTRAINT "comparisons_sweep_id_sweeps_id_fk" FOREIGN KEY ("sweep_id") REFERENCES "public"."sweeps"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "covered_variances" ADD CONSTRAINT "covered_variances_trial_id_trials_id_fk" FOREIGN KEY ("trial_id") REFERENCES "public"."trials"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "latents" ADD CONSTRAINT "latents_trial_id_trials_id_fk" FOREIGN KEY ("trial_id") REFERENCES "public"."trials"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "learning_curves" ADD CONSTRAINT "learning_curves_trial_id_trials_id_fk" FOREIGN KEY ("trial_id") REFERENCES "public"."trials"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "models" ADD CONSTRAINT "models_trial_id_trials_id_fk" FOREIGN KEY ("trial_id") REFERENCES "public"."trials"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "models" ADD CONSTRAINT "models_sweep_id_sweeps_id_fk" FOREIGN KEY ("sweep_id") REFERENCES "public"."sweeps"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "rung_scores" ADD CONSTRAINT "rung_scores_trial_id_trials_id_fk" FOREIGN KEY ("trial_id") REFERENCES "public"."trials"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "sweeps" ADD CONSTRAINT "sweeps_dataset_version" FOREIGN KEY ("dataset","dataset_version") REFERENCES "public"."dataset_versions"("name","version") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "trials" ADD CONSTRAINT "trials_sweep_id_sweeps_id_fk" FOREIGN KEY ("sweep_id") REFERENCES "public"."sweeps"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "checkpoints_sweep" ON "checkpoints" USING btree ("sweep_id");--> statement-breakpoint
CREATE INDEX "covered_variances_best" ON "covered_variances" USING btree ("sweep_id","method","k","covered_variance" DESC NULLS LAST,"trial_id") WHERE "covered_variances"."split" = 'validation';--> statement-breakpoint
CREATE INDEX "models_sweep" ON "models" USING btree ("sweep_id");--> statement-breakpoint
CREATE INDEX "sweeps_name" ON "sweeps" USING btree ("name","started_at");--> statement-breakpoint
CREATE INDEX "trials_outcome" ON "trials" USING btree ("sweep_id","method","outcome");--> statement-breakpoint
CREATE INDEX "trials_finished" ON "trials" USING btree ("sweep_id","finished_at");--> statement-breakpoint
CREATE INDEX "trials_promoted" ON "trials" USING btree ("sweep_id","index","promoted_into") WHERE "trials"."promoted_into" > 0;