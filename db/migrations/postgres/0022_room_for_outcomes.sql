-- Each of these rows is written once more when its message has left, longer than before, and no index looks at what changes then.
-- With room for the second version on its page PostgreSQL writes it there and leaves the indexes alone; without, it takes as much
-- room elsewhere, and an entry in each index: postgresql.org/docs/current/storage-hot.html
ALTER TABLE "recipient" SET (fillfactor = 40);--> statement-breakpoint
ALTER TABLE "attempt" SET (fillfactor = 35);
