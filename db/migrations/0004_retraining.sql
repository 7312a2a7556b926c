CREATE TABLE "champions" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "champions_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"name" text NOT NULL,
	"dataset" text NOT NULL,
	"target" text NOT NULL,
	"method" text NOT NULL,
	"k" integer NOT NULL,
	"trial_id" text NOT NULL,
	"sweep_id" text NOT NULL,
	"dataset_version" text NOT NULL,
	"run_id" text,
	"origin" text NOT NULL,
	"previous" bigint,
	"since" timestamp with time zone DEFAULT now() NOT NULL,
	"until" timestamp with time zone,
	"ended_by" text,
	CONSTRAINT "champions_method" CHECK ("champions"."method" in ('ednn', 'eca', 'nnca')),
	CONSTRAINT "champions_origin" CHECK ("champions"."origin" in ('first', 'adopted', 'promotion', 'rollback')),
	CONSTRAINT "champions_ended" CHECK (("champions"."until" is null) = ("champions"."ended_by" is null)),
	CONSTRAINT "champions_ended_by" CHECK ("champions"."ended_by" in ('promotion', 'rollback'))
);
--> statement-breakpoint
CREATE TABLE "events" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"at" timestamp with time zone DEFAULT now() NOT NULL,
	"kind" text NOT NULL,
	"name" text NOT NULL,
	"run_id" text NOT NULL,
	"subject" text DEFAULT '' NOT NULL,
	"text" text NOT NULL,
	"payload" jsonb NOT NULL,
	CONSTRAINT "events_once" UNIQUE("run_id","kind","subject")
);
--> statement-breakpoint
CREATE TABLE "messages" (
	"event_id" uuid NOT NULL,
	"channel" text NOT NULL,
	"state" text DEFAULT 'pending' NOT NULL,
	"attempts" integer DEFAULT 0 NOT NULL,
	"last_error" text,
	"delivered_at" timestamp with time zone,
	CONSTRAINT "messages_event_id_channel_pk" PRIMARY KEY("event_id","channel"),
	CONSTRAINT "messages_channel" CHECK ("messages"."channel" in ('webhook', 'mail')),
	CONSTRAINT "messages_state" CHECK ("messages"."state" in ('pending', 'delivered', 'failed'))
);
--> statement-breakpoint
CREATE TABLE "retrain_runs" (
	"id" text PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"outcome" text DEFAULT 'running' NOT NULL,
	"from_version" text,
	"to_version" text,
	"sweep_ids" text[],
	"drift" jsonb,
	"challenges" jsonb,
	"message" text,
	"started_at" timestamp with time zone DEFAULT now() NOT NULL,
	"finished_at" timestamp with time zone,
	CONSTRAINT "retrain_runs_outcome" CHECK ("retrain_runs"."outcome" in ('running', 'nothing-new', 'first', 'kept', 'promoted', 'failed', 'failed-source')),
	CONSTRAINT "retrain_runs_finished" CHECK (("retrain_runs"."outcome" = 'running') = ("retrain_runs"."finished_at" is null))
);
--> statement-breakpoint
CREATE TABLE "retrainings" (
	"name" text PRIMARY KEY NOT NULL,
	"spec" jsonb NOT NULL,
	"dataset" text NOT NULL,
	"target" text NOT NULL,
	"options" jsonb NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"removed_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "shards" (
	"name" text NOT NULL,
	"content" text NOT NULL,
	"folder" text NOT NULL,
	"fingerprint" text NOT NULL,
	"outcome" text NOT NULL,
	"version" text,
	"message" text,
	"seen_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "shards_name_folder_content_pk" PRIMARY KEY("name","folder","content"),
	CONSTRAINT "shards_content" CHECK ("shards"."content" ~ '^[0-9a-f]{64}$'),
	CONSTRAINT "shards_outcome" CHECK ("shards"."outcome" in ('taken', 'duplicate', 'rejected'))
);
--> statement-breakpoint
ALTER TABLE "champions" ADD CONSTRAINT "champions_name_retrainings_name_fk" FOREIGN KEY ("name") REFERENCES "public"."retrainings"("name") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "champions" ADD CONSTRAINT "champions_trial_id_trials_id_fk" FOREIGN KEY ("trial_id") REFERENCES "public"."trials"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "champions" ADD CONSTRAINT "champions_sweep_id_sweeps_id_fk" FOREIGN KEY ("sweep_id") REFERENCES "public"."sweeps"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "champions" ADD CONSTRAINT "champions_run_id_retrain_runs_id_fk" FOREIGN KEY ("run_id") REFERENCES "public"."retrain_runs"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "champions" ADD CONSTRAINT "champions_previous_champions_id_fk" FOREIGN KEY ("previous") REFERENCES "public"."champions"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "events" ADD CONSTRAINT "events_name_retrainings_name_fk" FOREIGN KEY ("name") REFERENCES "public"."retrainings"("name") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "messages" ADD CONSTRAINT "messages_event_id_events_id_fk" FOREIGN KEY ("event_id") REFERENCES "public"."events"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "retrain_runs" ADD CONSTRAINT "retrain_runs_name_retrainings_name_fk" FOREIGN KEY ("name") REFERENCES "public"."retrainings"("name") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "shards" ADD CONSTRAINT "shards_name_retrainings_name_fk" FOREIGN KEY ("name") REFERENCES "public"."retrainings"("name") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "champions_current" ON "champions" USING btree ("name","method","k") WHERE "champions"."until" is null;--> statement-breakpoint
CREATE UNIQUE INDEX "champions_of_run" ON "champions" USING btree ("run_id","method","k") WHERE "champions"."run_id" is not null;--> statement-breakpoint
CREATE INDEX "events_name" ON "events" USING btree ("name","at" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "retrain_runs_name" ON "retrain_runs" USING btree ("name","started_at" DESC NULLS LAST);