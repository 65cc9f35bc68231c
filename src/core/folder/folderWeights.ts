import {
  equalWeights,
  type Mark,
  type SuggestedWeights,
  type WeightChoice,
  type WeightSource,
} from "../../shared/index.ts";
import { admitted, weightsOf } from "../adaptation/index.ts";
import type { EmbeddingSource } from "../search/index.ts";
import type { Labels } from "../tables/index.ts";
import { labelsOf } from "../tables/index.ts";
import { weightsByLabels, weightsByMarks } from "../weights/index.ts";
import type { FolderInUse } from "./folderInUse.ts";
import { heldMarks, heldWeights, holdWeights, isOfShards } from "./heldWeights.ts";
import { someRows } from "./someRows.ts";

/** What weights are to be chosen by. */
export interface WeightsAsked {
  readonly choice: WeightChoice;
  /** Instead of the names of folders. */
  readonly labels?: Labels | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Chooses weights for the branches; nothing is kept.
 * @throws TableError; the signal's reason
 */
export async function suggestWeights(
  use: FolderInUse,
  source: EmbeddingSource,
  { choice, labels, signal }: WeightsAsked,
): Promise<SuggestedWeights> {
  const branches = source.model.descriptors;
  const images = await use.current.count();
  if (choice === "equal") return { weights: equalWeights(branches), from: "equal", reason: "asked", images };
  if (choice !== "gate") {
    const { byPath, file } = labels ?? (await labelsOf(await source.paths(), use.folder, null, signal));
    const { gain, ...found } = await weightsByLabels(source, byPath, signal);
    const from: WeightSource = found.reason !== undefined ? "equal" : file === null ? "names" : "table";
    const named = { ...found, from, images, ...(gain === undefined ? {} : { gain }) };
    if (choice === "names" || found.reason === undefined) return named;
    const marks = await heldMarks(use);
    const marked = marks.length === 0 ? null : await byMarks(use, source, marks, signal);
    if (marked?.from === "marks") return marked;
    // Of labels that gained nothing, that is the reason.
    if (found.reason === "noGain") return named;
  }
  return { ...(await withoutLabels(use, source, signal)), images };
}

/** Weights by what somebody said of pairs of images; nothing is kept. */
export async function byMarks(
  use: FolderInUse,
  source: EmbeddingSource,
  marks: readonly Mark[],
  signal: AbortSignal | undefined,
): Promise<SuggestedWeights> {
  const found = await weightsByMarks(source, marks, signal);
  return { ...found, from: found.reason === undefined ? "marks" : "equal", images: await use.current.count() };
}

/** Images that say which branches may vote beside the first network's. */
const LOOKED_AT = 800;

/**
 * The branches of one network count the same, since without labels nothing tells which of them finds more. Those of a second one count
 * as much as all of the first together, or nothing; each without a network a part of these, or nothing.
 */
async function withoutLabels(
  { current: { embedder } }: FolderInUse,
  source: EmbeddingSource,
  signal: AbortSignal | undefined,
): Promise<Omit<SuggestedWeights, "images">> {
  const names = source.model.descriptors;
  const { second = [], handcrafted = [] } = embedder.manifest;
  const parts = { own: names.length - second.length - handcrafted.length, second: second.length };
  if (parts.own === names.length) {
    return { weights: equalWeights(names), from: "equal", reason: names.length < 2 ? "single" : "unlabelled" };
  }
  const weights = weightsOf(parts, admitted(parts, await someRows(source, LOOKED_AT, signal)));
  return { weights: Object.fromEntries(names.map((name, b) => [name, weights[b]!])), from: "gate" };
}

/**
 * Chooses weights for an index whose run has ended, where that is due, and keeps them.
 * @param isNew whether the run embedded all there is
 */
export async function chooseIfDue(
  use: FolderInUse,
  source: EmbeddingSource,
  isNew: boolean,
  signal: AbortSignal | undefined,
): Promise<void> {
  const held = await heldWeights(use);
  if (!isDue(held, isNew || (await isOfShards(use.current)), await use.current.count())) return;
  await holdWeights(use, await suggestWeights(use, source, { choice: "auto", signal }));
}

/** A new index is due for a choice, and one that has doubled since its choice. */
function isDue(held: SuggestedWeights | null, isNew: boolean, images: number): boolean {
  if (images === 0) return false;
  if (held === null) return isNew;
  // What somebody chose stays.
  return held.from !== "marks" && held.reason !== "asked" && images >= 2 * held.images;
}
