-- AlterTable
ALTER TABLE "Site" ADD COLUMN "certificate" JSONB;
