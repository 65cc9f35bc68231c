import { randomUUID } from "node:crypto";
import { promises as fs } from "node:fs";

/** Writes a file aside and renames it, so that readers and a stop in the middle see the old file or the whole new one. */
export async function writeFileAtomically(file: string, bytes: Uint8Array): Promise<void> {
  const aside = `${file}.${randomUUID()}`;
  try {
    await fs.writeFile(aside, bytes, { flush: true });
    await fs.rename(aside, file);
  } catch (error) {
    await fs.rm(aside, { force: true });
    throw error;
  }
}
