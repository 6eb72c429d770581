CREATE TABLE "in_hand" (
	"id" text PRIMARY KEY NOT NULL,
	"tenant_id" text NOT NULL,
	"account_id" text NOT NULL,
	"lease_number" integer NOT NULL,
	"message_ids" text NOT NULL
);
--> statement-breakpoint
CREATE INDEX "in_hand_of_account" ON "in_hand" USING btree ("account_id");--> statement-breakpoint
CREATE INDEX "in_hand_of_tenant" ON "in_hand" USING btree ("tenant_id");--> statement-breakpoint
-- what an engine died over before this version: the next lease finds it in hand
INSERT INTO in_hand (id, tenant_id, account_id, lease_number, message_ids)
SELECT account.id, account.tenant_id, account.id, account.lease_number, string_agg(message.id, ' ')
FROM message JOIN account ON account.id = message.account_id WHERE message.state = 'sending'
GROUP BY account.id, account.tenant_id, account.lease_number;--> statement-breakpoint
UPDATE message SET state = 'queued', due_at = coalesce(send_at, queued_at) WHERE state = 'sending';
