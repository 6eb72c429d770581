CREATE TABLE "trusted_certificate" (
	"id" text PRIMARY KEY NOT NULL,
	"tenant_id" text NOT NULL,
	"account_identity" text NOT NULL,
	"host" text NOT NULL,
	"port" integer NOT NULL,
	"fingerprint256" text NOT NULL,
	"subject" text NOT NULL,
	"issuer" text NOT NULL,
	"trusted_by_card_id" text NOT NULL,
	"trusted_at" timestamp (3) with time zone NOT NULL,
	"expires_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
ALTER TABLE "account" ADD COLUMN "works_since" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "account" ADD COLUMN "checked_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "account" ADD COLUMN "check_due_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "account" ADD COLUMN "failing_since" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "account" ADD COLUMN "failing_text" text;--> statement-breakpoint
ALTER TABLE "account" ADD COLUMN "told_failing_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "trusted_certificate" ADD CONSTRAINT "trusted_certificate_tenant_id_tenant_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."tenant"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "trusted_certificate_account" ON "trusted_certificate" USING btree ("tenant_id","account_identity");--> statement-breakpoint
CREATE INDEX "account_check_due" ON "account" USING btree ("check_due_at");