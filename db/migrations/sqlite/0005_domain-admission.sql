CREATE TABLE `domain_admission` (
	`domain` text PRIMARY KEY NOT NULL,
	`admits` integer NOT NULL,
	`checked_at` integer NOT NULL,
	`expires_at` integer NOT NULL
);
