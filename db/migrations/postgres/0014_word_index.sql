ALTER TABLE "installation" ADD COLUMN "indexed_to" text;--> statement-breakpoint
CREATE TABLE "message_word" ("message_id" text NOT NULL, "words" tsvector NOT NULL);--> statement-breakpoint
CREATE INDEX "message_word_words" ON "message_word" USING gin ("words");--> statement-breakpoint
UPDATE "message" SET "search" = ' ' || "search" WHERE "search" NOT LIKE ' %';
