DROP INDEX "message_sending";--> statement-breakpoint
DROP INDEX "message_listing";--> statement-breakpoint
DROP INDEX "message_of_card";--> statement-breakpoint
CREATE INDEX "message_listing" ON "message" USING btree ("tenant_id","queued_at");--> statement-breakpoint
CREATE INDEX "message_of_card" ON "message" USING btree ("tenant_id","card_id","queued_at");