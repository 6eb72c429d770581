ALTER TABLE "in_hand" ADD COLUMN "marked_at" timestamp (3) with time zone;--> statement-breakpoint
-- what an engine died over at its final dot before this version: the next lease finds it there
INSERT INTO in_hand (id, tenant_id, account_id, lease_number, message_ids, marked_at)
SELECT attempt.id, attempt.tenant_id, attempt.account_id, attempt.lease_number, attempt.message_id, attempt.data_ending_at
FROM attempt JOIN message ON message.id = attempt.message_id
WHERE attempt.ended_at IS NULL AND attempt.data_ending_at IS NOT NULL AND message.due_at IS NOT NULL;--> statement-breakpoint
DELETE FROM attempt WHERE ended_at IS NULL AND message_id IN (SELECT id FROM message WHERE due_at IS NOT NULL);--> statement-breakpoint
-- written once now
ALTER TABLE "attempt" RESET (fillfactor);
