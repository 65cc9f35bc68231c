import { count, type EvaluationReport } from "../../shared/index.ts";
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

/**
 * Who takes part where each query has a copy of its own label to find: every descriptor would be right, whatever it sees. Of each
 * picture one image is left, a query where there is one.
 * @returns with what is to be said; undefined where some query has no such copy
 */
export function onePerPicture(
  roles: Roles,
  { labels }: GroundTruth,
  { groupOf }: CopyGroups,
): { readonly roles: Roles; readonly warning: string } | undefined {
  const { queries, gallery } = roles;
  const pictureOf = (path: string) => `${groupOf.get(path) ?? path} ${labels.get(path)}`;
  const perLabel = counted(gallery, (path) => labels.get(path)!);
  const perPicture = counted(gallery, pictureOf);
  const itself = (path: string) => (gallery.has(path) ? 1 : 0);
  const asking = [...queries].filter((path) => (perLabel.get(labels.get(path)!) ?? 0) > itself(path));
  const hasCopy = (path: string) => (perPicture.get(pictureOf(path)) ?? 0) > itself(path);
  if (asking.length === 0 || !asking.every(hasCopy)) return undefined;
  const first = new Map<number, string>();
  for (const path of [...queries, ...gallery]) {
    const group = groupOf.get(path);
    if (group !== undefined && !first.has(group)) first.set(group, path);
  }
  const one = (paths: ReadonlySet<string>) =>
    new Set([...paths].filter((path) => !groupOf.has(path) || first.get(groupOf.get(path)!) === path));
  const left = groupOf.size - first.size;
  return {
    roles: { ...roles, queries: one(queries), gallery: one(gallery) },
    warning: `Each query has its own copy to find, which says nothing: of each picture one image takes part, ${count(left, "image")} left out.`,
  };
}

function counted(paths: Iterable<string>, keyOf: (path: string) => string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const path of paths) counts.set(keyOf(path), (counts.get(keyOf(path)) ?? 0) + 1);
  return counts;
}
