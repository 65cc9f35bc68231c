import type { EvaluationReport } from "../../shared/index.ts";
import { findDuplicates } from "../curation/index.ts";
import type { FolderIndex } from "../folder/index.ts";
import type { GroundTruth } from "./groundTruth.ts";
import type { CopyGroups, EvaluateOptions } from "./options.ts";
import type { Roles } from "./protocol.ts";

export const NO_COPIES: CopyGroups = {
  groupOf: new Map(),
  told: { groups: 0, images: 0, first: [] },
  contradictions: [],
};

/** Groups and images that are named. */
const NAMED = 20;
const NAMED_OF_A_GROUP = 5;

/** Copies among the images that take part. */
export async function copiesAmong(
  index: FolderIndex,
  { queries, gallery }: Roles,
  { labels }: GroundTruth,
  { signal, onProgress }: Pick<EvaluateOptions, "signal" | "onProgress">,
): Promise<CopyGroups> {
  const { groups } = await findDuplicates(index.folder, index.source(), {
    signal,
    onProgress: ({ done }) => onProgress?.({ step: "copies", done: Math.round(100 * done), total: 100 }),
  });
  const groupOf = new Map<string, number>();
  const named: string[][] = [];
  const contradictions: EvaluationReport["contradictions"][number][] = [];
  for (const { images } of groups) {
    const paths = images.map(({ path }) => path).filter((path) => queries.has(path) || gallery.has(path));
    if (paths.length < 2) continue;
    for (const path of paths) groupOf.set(path, named.length);
    named.push(paths);
    const [first] = paths;
    const label = labels.get(first!)!;
    for (const copy of paths.slice(1)) {
      const copyLabel = labels.get(copy)!;
      if (copyLabel !== label) contradictions.push({ path: first!, label, copy, copyLabel });
    }
  }
  return {
    groupOf,
    told: {
      groups: named.length,
      images: groupOf.size,
      first: named.slice(0, NAMED).map((paths) => paths.slice(0, NAMED_OF_A_GROUP)),
    },
    contradictions,
  };
}
