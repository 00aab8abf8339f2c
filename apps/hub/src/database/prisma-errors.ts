import { Prisma } from '../generated/prisma/client.js';

/** Whether a row of that key is there already. */
export function isUniqueViolation(error: unknown): boolean {
  return error instanceof Prisma.PrismaClientKnownRequestError && error.code === 'P2002';
}
