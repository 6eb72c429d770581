ALTER TABLE `test_send` ADD `run_id` text;--> statement-breakpoint
CREATE INDEX `test_send_by_run` ON `test_send` (`run_id`);