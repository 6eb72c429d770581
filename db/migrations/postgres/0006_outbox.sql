CREATE TABLE "account_hour" (
	"account_id" text NOT NULL,
	"hour" timestamp (3) with time zone NOT NULL,
	"tenant_id" text NOT NULL,
	"recipient_count" integer NOT NULL,
	CONSTRAINT "account_hour_account_id_hour_pk" PRIMARY KEY("account_id","hour")
);
--> statement-breakpoint
DROP INDEX "account_due";--> statement-breakpoint
DROP INDEX "message_account_due";--> statement-breakpoint
ALTER TABLE "account" ADD COLUMN "paced_until" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "account" ADD COLUMN "learned_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "account" ADD COLUMN "learned_connections" integer;--> statement-breakpoint
ALTER TABLE "account" ADD COLUMN "learned_per_minute" integer;--> statement-breakpoint
ALTER TABLE "account" ADD COLUMN "learned_per_day" integer;--> statement-breakpoint
ALTER TABLE "message" ADD COLUMN "redirected_to" text;--> statement-breakpoint
ALTER TABLE "message" ADD COLUMN "resend_of" text;--> statement-breakpoint
ALTER TABLE "tenant" ADD COLUMN "held_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "tenant" ADD COLUMN "redirect_to" text;--> statement-breakpoint
ALTER TABLE "tenant" ADD COLUMN "redirect_until" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "account_hour" ADD CONSTRAINT "account_hour_account_id_account_id_fk" FOREIGN KEY ("account_id") REFERENCES "public"."account"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "account_mail_due" ON "account" USING btree ("due_at") WHERE state = 'active' and identity not like 'test:%';--> statement-breakpoint
CREATE INDEX "account_test_due" ON "account" USING btree ("due_at") WHERE state = 'active' and identity like 'test:%';--> statement-breakpoint
CREATE INDEX "message_due" ON "message" USING btree ("account_id","priority","due_at") WHERE due_at is not null;--> statement-breakpoint
CREATE INDEX "message_expiry" ON "message" USING btree ("expires_at") WHERE due_at is not null;--> statement-breakpoint
CREATE INDEX "message_sending" ON "message" USING btree ("account_id") WHERE state = 'sending';