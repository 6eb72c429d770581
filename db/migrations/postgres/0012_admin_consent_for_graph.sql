DELETE FROM "microsoft365_admin_consent" WHERE "needed_at" IS NULL;--> statement-breakpoint
ALTER TABLE "microsoft365_admin_consent" ALTER COLUMN "needed_at" SET NOT NULL;--> statement-breakpoint
ALTER TABLE "microsoft365_admin_consent" ADD COLUMN "purpose" text DEFAULT 'connect' NOT NULL;--> statement-breakpoint
ALTER TABLE "microsoft365_admin_consent" DROP CONSTRAINT "microsoft365_admin_consent_pkey";--> statement-breakpoint
ALTER TABLE "microsoft365_admin_consent" ADD CONSTRAINT "microsoft365_admin_consent_tenant_id_purpose_pk" PRIMARY KEY("tenant_id","purpose");
