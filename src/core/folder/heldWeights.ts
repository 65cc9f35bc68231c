import type { Mark, SuggestedWeights } from "../../shared/index.ts";
import { readMarks, readWeights } from "../weights/index.ts";
import type { FolderInUse } from "./folderInUse.ts";
import type { Searchable } from "./searchable.ts";

/** Under which the index keeps its weights, and what somebody said of pairs of images: a later session adds to that. */
const [WEIGHTS, MARKS] = ["weights", "marks"];

/** The weights that the index holds; null where it holds none, as one of before does. */
export async function heldWeights({ current: { store, embedder } }: FolderInUse): Promise<SuggestedWeights | null> {
  return readWeights(await store.note(WEIGHTS), embedder.summary.descriptors);
}

export function holdWeights({ current }: FolderInUse, weights: SuggestedWeights): Promise<void> {
  return current.store.keepNote(WEIGHTS, JSON.stringify(weights));
}

/** Takes what somebody chose or marked over into the index of another model with the same branches. */
export async function carryOver(from: Searchable, to: Searchable): Promise<void> {
  const marks = await from.store.note(MARKS);
  if (marks !== null) await to.store.keepNote(MARKS, marks);
  const text = await from.store.note(WEIGHTS);
  const held = readWeights(text, to.embedder.summary.descriptors);
  if (text === null || held === null || (held.from !== "marks" && held.reason !== "asked")) return;
  await to.store.keepNote(WEIGHTS, text);
}

export async function heldMarks({ current }: FolderInUse): Promise<readonly Mark[]> {
  return readMarks(await current.store.note(MARKS));
}

export function holdMarks({ current }: FolderInUse, marks: readonly Mark[]): Promise<void> {
  return current.store.keepNote(MARKS, JSON.stringify(marks));
}
