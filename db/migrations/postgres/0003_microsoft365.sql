CREATE TABLE "microsoft365_admin_consent" (
	"tenant_id" text PRIMARY KEY NOT NULL,
	"tid" text,
	"needed_at" timestamp (3) with time zone,
	"granted_at" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE TABLE "microsoft365_connection" (
	"card_id" text PRIMARY KEY NOT NULL,
	"tenant_id" text NOT NULL,
	"tid" text NOT NULL,
	"oid" text NOT NULL,
	"home_account_id" text NOT NULL,
	"address" text NOT NULL,
	"agreed_username" text,
	"sasl_user" text,
	"via" text DEFAULT 'smtp' NOT NULL,
	"scopes" text NOT NULL,
	"token_cache_sealed" text NOT NULL,
	"state" text DEFAULT 'active' NOT NULL,
	"cause" text,
	"cause_text" text,
	"connected_at" timestamp (3) with time zone NOT NULL,
	"refreshed_at" timestamp (3) with time zone NOT NULL,
	"broken_at" timestamp (3) with time zone,
	"refresh_owner" text,
	"refresh_until" timestamp (3) with time zone,
	"version" integer DEFAULT 1 NOT NULL
);
--> statement-breakpoint
CREATE TABLE "pending_authorization" (
	"state_hash" text PRIMARY KEY NOT NULL,
	"session_id" text NOT NULL,
	"tenant_id" text NOT NULL,
	"card_id" text NOT NULL,
	"purpose" text NOT NULL,
	"nonce" text NOT NULL,
	"verifier_sealed" text NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"expires_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
ALTER TABLE "microsoft365_admin_consent" ADD CONSTRAINT "microsoft365_admin_consent_tenant_id_tenant_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."tenant"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "microsoft365_connection" ADD CONSTRAINT "microsoft365_connection_card_id_card_id_fk" FOREIGN KEY ("card_id") REFERENCES "public"."card"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "microsoft365_connection" ADD CONSTRAINT "microsoft365_connection_tenant_id_tenant_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."tenant"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "pending_authorization" ADD CONSTRAINT "pending_authorization_tenant_id_tenant_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."tenant"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "pending_authorization" ADD CONSTRAINT "pending_authorization_card_id_card_id_fk" FOREIGN KEY ("card_id") REFERENCES "public"."card"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "microsoft365_connection_idle" ON "microsoft365_connection" USING btree ("state","refreshed_at");--> statement-breakpoint
CREATE INDEX "pending_authorization_expiry" ON "pending_authorization" USING btree ("expires_at");