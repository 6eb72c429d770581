ALTER TABLE `message` ADD `send_at` integer;--> statement-breakpoint
UPDATE message SET send_at = due_at WHERE attempt_count = 0 AND due_at > queued_at AND (state = 'queued' OR (state = 'waiting' AND waiting_for = 'accountPaused'));
