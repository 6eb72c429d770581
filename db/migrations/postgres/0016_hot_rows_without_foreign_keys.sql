ALTER TABLE "attempt" DROP CONSTRAINT "attempt_message_id_message_id_fk";
--> statement-breakpoint
ALTER TABLE "message_body" DROP CONSTRAINT "message_body_message_id_message_id_fk";
--> statement-breakpoint
ALTER TABLE "message_content" DROP CONSTRAINT "message_content_message_id_message_id_fk";
--> statement-breakpoint
ALTER TABLE "message" DROP CONSTRAINT "message_tenant_id_tenant_id_fk";
--> statement-breakpoint
ALTER TABLE "message" DROP CONSTRAINT "message_card_id_card_id_fk";
--> statement-breakpoint
ALTER TABLE "message" DROP CONSTRAINT "message_account_id_account_id_fk";
--> statement-breakpoint
ALTER TABLE "recipient" DROP CONSTRAINT "recipient_message_id_message_id_fk";
