import { resolve } from "node:path";
import type { QueryExample } from "../../shared/index.ts";
import type { EmbeddedExample } from "../search/index.ts";
import type { placeOf } from "./filePlace.ts";
import type { FolderInUse } from "./folderInUse.ts";
import { embedImage } from "./queryParts.ts";

/** Where an example lies, as `placeOf` tells it. */
export type Place = Awaited<ReturnType<typeof placeOf>>;

/** The examples of a query with their embeddings: stored ones where the file is indexed, unchanged and wanted as a whole. */
export async function embedExamples(
  { current: index }: FolderInUse,
  examples: readonly QueryExample[],
  places: readonly Place[],
): Promise<EmbeddedExample[]> {
  const embedded: EmbeddedExample[] = [];
  for (const [i, { image, sign, box, weight }] of examples.entries()) {
    const { path, current } = places[i]!;
    const stored = box === undefined && current && path !== null ? await index.stored(path) : undefined;
    embedded.push({ sign, weight, branches: stored ?? (await embedImage(index.embedder, image, box)) });
  }
  return embedded;
}

/** The examples as an answer names them: relative to the folder where they lie in it, else absolute. */
export function shownExamples(examples: readonly QueryExample[], places: readonly Place[]): QueryExample[] {
  return examples.map((example, i) => ({ ...example, image: places[i]!.path ?? resolve(example.image) }));
}
