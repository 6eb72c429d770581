ALTER TABLE "test_send" ADD COLUMN "run_id" text;--> statement-breakpoint
CREATE INDEX "test_send_by_run" ON "test_send" USING btree ("run_id");