import {
  count,
  type DuplicateGroup,
  type LabelContradiction,
  type LabelsResult,
  shortLabels,
} from "../../shared/index.ts";
import { type IndexSource, knownAmong, QueryError } from "../search/index.ts";
import { type Labels, labelsOf, oneLabel } from "../tables/index.ts";
import { findDuplicates } from "./duplicates.ts";
import { findSuspiciousLabels, type LabelOptions, type SuspiciousLabels } from "./suspiciousLabels.ts";

/** Pairs that are told of one picture: of hundreds of copies under many labels there are more than anyone reads. */
const MOST = 100;

/**
 * Looks at the labels of an index: first what is certainly wrong, the same picture under two labels, then what neighbours
 * make suspicious.
 * @param folder absolute path of the indexed folder
 * @throws QueryError as `findSuspiciousLabels`; the signal's reason
 */
export async function reviewLabels(
  folder: string,
  source: IndexSource,
  { k, labels: given, learned, signal, onProgress }: LabelOptions = {},
): Promise<LabelsResult> {
  const labels = given ?? (await labelsOf(await source.paths(), folder, null));
  const { groups } = await findDuplicates(folder, source, { signal, onProgress });
  const contradictions = await contradictionsOf(groups, labels, source);
  const told = new Set(contradictions.flatMap(({ paths }) => paths));
  const suspicious = await findSuspiciousLabels(source, { k, labels, signal, onProgress }, told).catch(
    (error: unknown): SuspiciousLabels => {
      // With fewer than two labels neighbours have nothing to say, but contradictions stand.
      if (!(error instanceof QueryError) || contradictions.length === 0) throw error;
      const counts = { images: 0, classes: 0, unjudged: 0, suspicious: [] };
      return { ...counts, warnings: [...labels.warnings, error.message] };
    },
  );
  const named = new Set([
    ...contradictions.flatMap((each) => each.labels),
    ...suspicious.suspicious.flatMap(({ label, suggested }) => [label, suggested]),
  ]);
  const warnings = [...suspicious.warnings, ...(await learnedByHeart(source, labels, learned, signal))];
  return { ...suspicious, warnings, contradictions, shown: shownLabels(labels, named) };
}

/** A model that learned labels says them again, the wrong ones too. */
async function learnedByHeart(
  source: IndexSource,
  { byPath }: Labels,
  learned: LabelOptions["learned"],
  signal: AbortSignal | undefined,
): Promise<string[]> {
  if (learned == null) return [];
  const known = (await knownAmong(source, byPath.keys(), learned, signal)).length;
  if (known === 0) return [];
  return [
    `The model was trained on ${count(known, "image")} of these by their labels, and says them again where they are wrong too. ` +
      "Look at them with a model that was not.",
  ];
}

/** @param named labels that are told of */
function shownLabels({ byPath, file }: Labels, named: ReadonlySet<string>): Record<string, string> {
  if (file !== null) return {};
  const short = [...shortLabels([...byPath.values()].flat())];
  return Object.fromEntries(short.filter(([label, shown]) => label !== shown && named.has(label)));
}

async function contradictionsOf(
  groups: readonly DuplicateGroup[],
  labels: Labels,
  source: IndexSource,
): Promise<LabelContradiction[]> {
  const found: LabelContradiction[] = [];
  for (const path of await source.paths()) {
    const all = labels.byPath.get(path) ?? [];
    // The file is the same: it is one.
    if (all.length > 1) found.push({ paths: [path], labels: all, why: "bytes" });
  }
  for (const { images } of groups) {
    const labelled = images.flatMap(({ path }) => {
      const label = oneLabel(labels, path);
      return label === undefined ? [] : [{ path, label }];
    });
    if (new Set(labelled.map(({ label }) => label)).size < 2) continue;
    const hashes = new Map<string, string>();
    for (const { path } of labelled) {
      const record = await source.record(path);
      if (record !== undefined) hashes.set(path, Buffer.from(record.hash).toString("hex"));
    }
    found.push(...pairsOf(labelled, hashes).slice(0, MOST));
  }
  return found.sort((a, b) => order(a) - order(b) || (a.paths[0]! < b.paths[0]! ? -1 : 1));
}

function pairsOf(
  images: readonly { readonly path: string; readonly label: string }[],
  hashes: ReadonlyMap<string, string>,
): LabelContradiction[] {
  const sorted = [...images].sort((a, b) => (a.path < b.path ? -1 : 1));
  const pairs = sorted.flatMap((one, i) =>
    sorted
      .slice(i + 1)
      .filter((other) => other.label !== one.label)
      .map((other): LabelContradiction => {
        const isOne = hashes.has(one.path) && hashes.get(one.path) === hashes.get(other.path);
        return { paths: [one.path, other.path], labels: [one.label, other.label], why: isOne ? "bytes" : "picture" };
      }),
  );
  return pairs.sort((a, b) => order(a) - order(b));
}

function order({ why }: LabelContradiction): number {
  return why === "bytes" ? 0 : 1;
}
