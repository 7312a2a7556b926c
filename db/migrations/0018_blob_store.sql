ALTER TABLE "installation" ADD COLUMN "blobs" text;--> statement-breakpoint
ALTER TABLE "installation" ADD CONSTRAINT "installation_blobs" CHECK ("installation"."blobs" like 's3://%');