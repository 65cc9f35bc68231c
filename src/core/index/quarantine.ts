import { promises as fs } from "node:fs";
import { join } from "node:path";
import type { InputSpec } from "../../shared/index.ts";
import { trialDecode } from "../images/index.ts";
import type { SkippedRecord, Store } from "./store.ts";

/**
 * Looks at the files that an earlier process held when it died: those that end another process too are skipped from now
 * on, until they change. To be called while nobody else is at work on the store.
 * @returns paths of those that are skipped now
 */
export async function quarantine(folder: string, store: Store, input: InputSpec): Promise<string[]> {
  const suspects = await store.attempts();
  if (suspects.length === 0) return [];
  const ends = await trialDecode(
    suspects.map((path) => join(folder, path)),
    input,
  );
  const deadly: SkippedRecord[] = [];
  for (const [i, path] of suspects.entries()) {
    const end = ends[i];
    const stat = end === null ? undefined : await fs.stat(join(folder, path)).catch(() => undefined);
    if (stat === undefined) continue;
    const reason = `damaged: it ended the decoder (${end}); it is tried again once it changes`;
    deadly.push({ path, mtimeMs: stat.mtimeMs, size: stat.size, reason });
  }
  if (deadly.length > 0) await store.skip(deadly);
  await store.endAttempts();
  return deadly.map(({ path }) => path);
}
