ALTER TABLE "trainers" ADD COLUMN "class" text DEFAULT 'cpu' NOT NULL;--> statement-breakpoint
ALTER TABLE "trainers" ADD COLUMN "engines" text[] DEFAULT '{}' NOT NULL;