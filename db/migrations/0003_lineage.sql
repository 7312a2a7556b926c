ALTER TABLE "dataset_versions" ADD COLUMN "parent" text;--> statement-breakpoint
ALTER TABLE "dataset_versions" ADD COLUMN "root" text;--> statement-breakpoint
ALTER TABLE "dataset_versions" ADD COLUMN "rows" integer;--> statement-breakpoint
ALTER TABLE "dataset_versions" ADD CONSTRAINT "dataset_versions_parent" FOREIGN KEY ("name","parent") REFERENCES "public"."dataset_versions"("name","version") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "dataset_versions" ADD CONSTRAINT "dataset_versions_lineage" CHECK (("dataset_versions"."parent" is null) = ("dataset_versions"."root" is null) and ("dataset_versions"."parent" is null) = ("dataset_versions"."rows" is null));