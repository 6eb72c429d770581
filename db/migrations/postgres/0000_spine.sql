CREATE TABLE "account" (
	"id" text PRIMARY KEY NOT NULL,
	"tenant_id" text NOT NULL,
	"kind" text NOT NULL,
	"identity" text NOT NULL,
	"host" text,
	"port" integer,
	"tls" text,
	"username" text,
	"credential_card_id" text,
	"state" text DEFAULT 'active' NOT NULL,
	"pause_reason" text,
	"paused_text" text,
	"paused_at" timestamp (3) with time zone,
	"due_at" timestamp (3) with time zone,
	"lease_owner" text,
	"lease_until" timestamp (3) with time zone,
	"lease_number" integer DEFAULT 0 NOT NULL,
	"last_accepted_at" timestamp (3) with time zone,
	"created_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "card" (
	"id" text PRIMARY KEY NOT NULL,
	"tenant_id" text NOT NULL,
	"login_id" text NOT NULL,
	"code" text NOT NULL,
	"name" text NOT NULL,
	"email" text,
	"email_confirmed_at" timestamp (3) with time zone,
	"role" text NOT NULL,
	"is_active" boolean DEFAULT true NOT NULL,
	"bcc" text,
	"signature" text DEFAULT '' NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"updated_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "installation" (
	"id" text PRIMARY KEY NOT NULL,
	"mode" text NOT NULL,
	"setup_code_hash" text,
	"created_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "login" (
	"id" text PRIMARY KEY NOT NULL,
	"email" text NOT NULL,
	"password_hash" text,
	"language" text,
	"created_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "login_email_unique" UNIQUE("email")
);
--> statement-breakpoint
CREATE TABLE "session" (
	"id" text PRIMARY KEY NOT NULL,
	"login_id" text NOT NULL,
	"tenant_id" text,
	"created_at" timestamp (3) with time zone NOT NULL,
	"expires_at" timestamp (3) with time zone NOT NULL,
	"revoked_at" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE TABLE "attempt" (
	"id" text PRIMARY KEY NOT NULL,
	"message_id" text NOT NULL,
	"tenant_id" text NOT NULL,
	"account_id" text NOT NULL,
	"lease_number" integer NOT NULL,
	"started_at" timestamp (3) with time zone NOT NULL,
	"data_ending_at" timestamp (3) with time zone,
	"ended_at" timestamp (3) with time zone,
	"outcome" text,
	"phase" text,
	"reply_code" integer,
	"enhanced_status" text,
	"reply_text" text,
	"error_code" text,
	"server_address" text,
	"tls" text,
	"duration_ms" integer
);
--> statement-breakpoint
CREATE TABLE "message_body" (
	"message_id" text PRIMARY KEY NOT NULL,
	"raw" "bytea" NOT NULL
);
--> statement-breakpoint
CREATE TABLE "message" (
	"id" text PRIMARY KEY NOT NULL,
	"tenant_id" text NOT NULL,
	"card_id" text NOT NULL,
	"account_id" text NOT NULL,
	"kind" text NOT NULL,
	"priority" integer NOT NULL,
	"state" text NOT NULL,
	"waiting_for" text,
	"envelope_sender" text NOT NULL,
	"from_name" text NOT NULL,
	"from_address" text NOT NULL,
	"reply_to" text,
	"subject" text NOT NULL,
	"rfc_message_id" text NOT NULL,
	"idempotency_key" text,
	"size_bytes" integer NOT NULL,
	"search" text NOT NULL,
	"attempt_count" integer DEFAULT 0 NOT NULL,
	"data_at" timestamp (3) with time zone,
	"queued_at" timestamp (3) with time zone NOT NULL,
	"due_at" timestamp (3) with time zone,
	"expires_at" timestamp (3) with time zone NOT NULL,
	"ended_at" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE TABLE "recipient" (
	"id" text PRIMARY KEY NOT NULL,
	"message_id" text NOT NULL,
	"tenant_id" text NOT NULL,
	"position" integer NOT NULL,
	"field" text NOT NULL,
	"address" text NOT NULL,
	"state" text NOT NULL,
	"reply_code" integer,
	"enhanced_status" text,
	"reply_text" text,
	"updated_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "test_send" (
	"id" text PRIMARY KEY NOT NULL,
	"tenant_id" text NOT NULL,
	"login_id" text NOT NULL,
	"card_id" text NOT NULL,
	"message_id" text NOT NULL,
	"route" jsonb NOT NULL,
	"values_sealed" text,
	"host" text,
	"username" text,
	"login_refused" integer DEFAULT 0 NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"wipe_at" timestamp (3) with time zone NOT NULL,
	"ended_at" timestamp (3) with time zone,
	"outcome" text
);
--> statement-breakpoint
CREATE TABLE "test_step" (
	"id" text PRIMARY KEY NOT NULL,
	"test_send_id" text NOT NULL,
	"tenant_id" text NOT NULL,
	"position" integer NOT NULL,
	"step" jsonb NOT NULL
);
--> statement-breakpoint
CREATE TABLE "captured_message" (
	"id" text PRIMARY KEY NOT NULL,
	"received_at" timestamp (3) with time zone NOT NULL,
	"envelope_sender" text NOT NULL,
	"envelope_recipients" jsonb NOT NULL,
	"username" text,
	"subject" text NOT NULL,
	"raw" "bytea" NOT NULL
);
--> statement-breakpoint
CREATE TABLE "credential" (
	"card_id" text PRIMARY KEY NOT NULL,
	"tenant_id" text NOT NULL,
	"host" text NOT NULL,
	"port" integer NOT NULL,
	"tls" text NOT NULL,
	"username" text NOT NULL,
	"password_sealed" text NOT NULL,
	"saved_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "sender" (
	"card_id" text PRIMARY KEY NOT NULL,
	"tenant_id" text NOT NULL,
	"choice" text NOT NULL,
	"host" text,
	"port" integer,
	"tls" text,
	"username" text,
	"author_is_login" boolean DEFAULT false NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"updated_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "sending_policy" (
	"tenant_id" text PRIMARY KEY NOT NULL,
	"base_card_id" text,
	"users_may_set" text NOT NULL,
	"author_is_login" boolean DEFAULT false NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"updated_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "tenant" (
	"id" text PRIMARY KEY NOT NULL,
	"slug" text NOT NULL,
	"name" text NOT NULL,
	"has_mailing_module" boolean DEFAULT false NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "tenant_slug_unique" UNIQUE("slug")
);
--> statement-breakpoint
ALTER TABLE "account" ADD CONSTRAINT "account_tenant_id_tenant_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."tenant"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "card" ADD CONSTRAINT "card_tenant_id_tenant_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."tenant"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "card" ADD CONSTRAINT "card_login_id_login_id_fk" FOREIGN KEY ("login_id") REFERENCES "public"."login"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "session" ADD CONSTRAINT "session_login_id_login_id_fk" FOREIGN KEY ("login_id") REFERENCES "public"."login"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "attempt" ADD CONSTRAINT "attempt_message_id_message_id_fk" FOREIGN KEY ("message_id") REFERENCES "public"."message"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "message_body" ADD CONSTRAINT "message_body_message_id_message_id_fk" FOREIGN KEY ("message_id") REFERENCES "public"."message"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "message" ADD CONSTRAINT "message_tenant_id_tenant_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."tenant"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "message" ADD CONSTRAINT "message_card_id_card_id_fk" FOREIGN KEY ("card_id") REFERENCES "public"."card"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "message" ADD CONSTRAINT "message_account_id_account_id_fk" FOREIGN KEY ("account_id") REFERENCES "public"."account"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "recipient" ADD CONSTRAINT "recipient_message_id_message_id_fk" FOREIGN KEY ("message_id") REFERENCES "public"."message"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "test_send" ADD CONSTRAINT "test_send_tenant_id_tenant_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."tenant"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "test_step" ADD CONSTRAINT "test_step_test_send_id_test_send_id_fk" FOREIGN KEY ("test_send_id") REFERENCES "public"."test_send"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "credential" ADD CONSTRAINT "credential_card_id_card_id_fk" FOREIGN KEY ("card_id") REFERENCES "public"."card"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "credential" ADD CONSTRAINT "credential_tenant_id_tenant_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."tenant"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "sender" ADD CONSTRAINT "sender_card_id_card_id_fk" FOREIGN KEY ("card_id") REFERENCES "public"."card"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "sender" ADD CONSTRAINT "sender_tenant_id_tenant_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."tenant"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "sending_policy" ADD CONSTRAINT "sending_policy_tenant_id_tenant_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."tenant"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "sending_policy" ADD CONSTRAINT "sending_policy_base_card_id_card_id_fk" FOREIGN KEY ("base_card_id") REFERENCES "public"."card"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "account_identity" ON "account" USING btree ("tenant_id","identity");--> statement-breakpoint
CREATE INDEX "account_due" ON "account" USING btree ("state","due_at");--> statement-breakpoint
CREATE INDEX "account_credential" ON "account" USING btree ("credential_card_id");--> statement-breakpoint
CREATE UNIQUE INDEX "card_code" ON "card" USING btree ("tenant_id","code");--> statement-breakpoint
CREATE UNIQUE INDEX "card_login" ON "card" USING btree ("tenant_id","login_id");--> statement-breakpoint
CREATE INDEX "card_by_login" ON "card" USING btree ("login_id");--> statement-breakpoint
CREATE INDEX "session_by_login" ON "session" USING btree ("login_id");--> statement-breakpoint
CREATE INDEX "attempt_of_message" ON "attempt" USING btree ("message_id","started_at");--> statement-breakpoint
CREATE INDEX "message_account_due" ON "message" USING btree ("account_id","state","priority","due_at");--> statement-breakpoint
CREATE INDEX "message_listing" ON "message" USING btree ("tenant_id","queued_at","id");--> statement-breakpoint
CREATE INDEX "message_by_state" ON "message" USING btree ("tenant_id","state","queued_at");--> statement-breakpoint
CREATE UNIQUE INDEX "message_idempotency" ON "message" USING btree ("tenant_id","idempotency_key");--> statement-breakpoint
CREATE INDEX "recipient_of_message" ON "recipient" USING btree ("message_id","position");--> statement-breakpoint
CREATE INDEX "test_send_by_login" ON "test_send" USING btree ("login_id","created_at");--> statement-breakpoint
CREATE INDEX "test_send_by_tenant" ON "test_send" USING btree ("tenant_id","created_at");--> statement-breakpoint
CREATE INDEX "test_send_by_host" ON "test_send" USING btree ("host","username","created_at");--> statement-breakpoint
CREATE UNIQUE INDEX "test_step_position" ON "test_step" USING btree ("test_send_id","position");--> statement-breakpoint
CREATE INDEX "captured_message_listing" ON "captured_message" USING btree ("received_at");