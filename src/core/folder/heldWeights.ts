import type { Mark, SuggestedWeights } from "../../shared/index.ts";
import { readMarks, readWeights } from "../weights/index.ts";
import type { FolderInUse } from "./folderInUse.ts";
import type { Searchable } from "./searchable.ts";

/** Under which the index keeps its weights, and what somebody said of pairs of images: a later session adds to that. */
const [WEIGHTS, MARKS] = ["weights", "marks"];

/** Under which an index that was begun by shards says so: its weights are chosen when they are all there. */
const OF_SHARDS = "shards";

/** To be called before a shard is embedded. */
export async function noteShards({ store }: Searchable): Promise<void> {
  if ((await store.count()) === 0) await store.keepNote(OF_SHARDS, "begun");
}

export async function isOfShards({ store }: Searchable): Promise<boolean> {
  return (await store.note(OF_SHARDS)) !== null;
}

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
