import { count, type EvaluatedModel } from "../../shared/index.ts";
import type { FolderIndex } from "../folder/index.ts";
import { SeenImages } from "../model/index.ts";
import { knownAmong } from "../search/index.ts";

/**
 * Which queries are files that the model learned labels from, itself or before it was trained on or adapted further.
 * @returns null where there are none, or the model does not say what it learned from
 */
export async function seenAmong(
  index: FolderIndex,
  queries: readonly string[],
  labels: ReadonlyMap<string, string>,
  signal?: AbortSignal,
): Promise<EvaluatedModel["trainedOn"]> {
  const seen = SeenImages.of(index.manifest.training);
  if (seen === null) return null;
  const known = await knownAmong(index.source(), queries, seen, signal);
  if (known.length === 0) return null;
  return { queries: known.length, classes: new Set(known.map((path) => labels.get(path))).size };
}

/** @param all queries */
export function trainedOnNote(
  told: string,
  { queries, classes }: NonNullable<EvaluatedModel["trainedOn"]>,
  all: number,
): string {
  return (
    `${told} was trained on ${queries} of the ${count(all, "query")} (${count(classes, "class")}): its figures here flatter it, and are not ` +
    "kept with it. What it finds among classes that a training held out says more (the protocol by-class)."
  );
}
