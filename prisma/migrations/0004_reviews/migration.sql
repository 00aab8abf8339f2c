-- AlterTable
ALTER TABLE "Credential" ADD COLUMN "institution" TEXT;

-- CreateTable
CREATE TABLE "SealedScore" (
    "studyId" TEXT NOT NULL,
    "scheme" TEXT NOT NULL,
    "reviewer" TEXT NOT NULL,
    "institution" TEXT NOT NULL,
    "options" JSONB NOT NULL,
    "salt" TEXT NOT NULL,
    "digest" TEXT NOT NULL,
    "sealedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "SealedScore_pkey" PRIMARY KEY ("studyId","scheme","reviewer")
);

-- AddForeignKey
ALTER TABLE "SealedScore" ADD CONSTRAINT "SealedScore_studyId_fkey" FOREIGN KEY ("studyId") REFERENCES "Study"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
