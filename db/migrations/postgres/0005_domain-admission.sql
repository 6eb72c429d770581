CREATE TABLE "domain_admission" (
	"domain" text PRIMARY KEY NOT NULL,
	"admits" boolean NOT NULL,
	"checked_at" timestamp (3) with time zone NOT NULL,
	"expires_at" timestamp (3) with time zone NOT NULL
);
