-- Floats and packed weights do not compress: storing them as they are saves the attempt, and a slice is read without the rest.
ALTER TABLE "blob_parts" ALTER COLUMN "bytes" SET STORAGE EXTERNAL;--> statement-breakpoint
ALTER TABLE "checkpoints" ALTER COLUMN "bytes" SET STORAGE EXTERNAL;--> statement-breakpoint
ALTER TABLE "latents" ALTER COLUMN "bytes" SET STORAGE EXTERNAL;--> statement-breakpoint
ALTER TABLE "models" ALTER COLUMN "bytes" SET STORAGE EXTERNAL;
