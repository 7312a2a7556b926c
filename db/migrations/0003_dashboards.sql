CREATE TABLE "api_requests" (
	"principal" text NOT NULL,
	"key" text NOT NULL,
	"route" text NOT NULL,
	"body_sha256" text NOT NULL,
	"status" integer,
	"answer" jsonb,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "api_requests_principal_key_pk" PRIMARY KEY("principal","key"),
	CONSTRAINT "api_requests_body" CHECK ("api_requests"."body_sha256" ~ '^[0-9a-f]{64}$'),
	CONSTRAINT "api_requests_done" CHECK (("api_requests"."status" is null) = ("api_requests"."answer" is null))
);
--> statement-breakpoint
CREATE TABLE "api_tokens" (
	"id" text PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"role" text NOT NULL,
	"sha256" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp with time zone,
	"last_used_at" timestamp with time zone,
	CONSTRAINT "api_tokens_name_unique" UNIQUE("name"),
	CONSTRAINT "api_tokens_sha256_unique" UNIQUE("sha256"),
	CONSTRAINT "api_tokens_role" CHECK ("api_tokens"."role" in ('read', 'submit', 'admin')),
	CONSTRAINT "api_tokens_sha256" CHECK ("api_tokens"."sha256" ~ '^[0-9a-f]{64}$')
);
--> statement-breakpoint
CREATE TABLE "sweep_starters" (
	"sweep_id" text PRIMARY KEY NOT NULL,
	"principal" text NOT NULL
);
--> statement-breakpoint
ALTER TABLE "dataset_versions" ADD COLUMN "parent" text;--> statement-breakpoint
ALTER TABLE "dataset_versions" ADD COLUMN "root" text;--> statement-breakpoint
ALTER TABLE "dataset_versions" ADD COLUMN "rows" integer;--> statement-breakpoint
ALTER TABLE "sweeps" ADD COLUMN "revision" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "trials" ADD COLUMN "revision" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "sweep_starters" ADD CONSTRAINT "sweep_starters_sweep_id_sweeps_id_fk" FOREIGN KEY ("sweep_id") REFERENCES "public"."sweeps"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "api_requests_created" ON "api_requests" USING btree ("created_at");--> statement-breakpoint
ALTER TABLE "dataset_versions" ADD CONSTRAINT "dataset_versions_parent" FOREIGN KEY ("name","parent") REFERENCES "public"."dataset_versions"("name","version") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "trials_revision" ON "trials" USING btree ("sweep_id","revision");--> statement-breakpoint
ALTER TABLE "dataset_versions" ADD CONSTRAINT "dataset_versions_lineage" CHECK (("dataset_versions"."parent" is null) = ("dataset_versions"."root" is null) and ("dataset_versions"."parent" is null) = ("dataset_versions"."rows" is null));