import { promises as fs } from "node:fs";
import { join, resolve } from "node:path";
import { setImmediate } from "node:timers/promises";
import { type FileFilter, type FirstLook, isImageName, type SimilarQuery, spreadOut } from "../../shared/index.ts";
import { decodeForModel, ImageError, walkImages, wantedIn } from "../images/index.ts";
import { checkQuery, combineExamples, type EmbeddedExample, Gallery, nameResult } from "../search/index.ts";
import { pathIn } from "./filePlace.ts";
import type { FolderInUse } from "./folderInUse.ts";
import { embedImage, insideOf } from "./queryParts.ts";

export interface FirstLookOptions {
  /** For listing files, and then for embedding them. Milliseconds. */
  readonly budget?: { readonly list: number; readonly embed: number } | undefined;
  readonly filter?: FileFilter | undefined;
  readonly now?: () => number;
}

const BUDGET = { list: 300, embed: 1_200 };
/** Files whose names are held: of more, an even sample. */
const HELD = 4_096;
/** A run of the model cannot be ended. */
const BATCH = 8;

/**
 * The most alike among the first images of a folder that has no index: those beside the query and a sample from all over the folder, as
 * many as can be embedded in the time, with the model as it is. Nothing of it is kept: the index that is made meanwhile
 * is the answer.
 * @returns null where no other image was found in time
 * @throws ImageError where an example cannot be decoded; QueryError where the query cannot be answered
 */
export async function firstLook(
  use: FolderInUse,
  query: SimilarQuery,
  { budget = BUDGET, filter, now = () => performance.now() }: FirstLookOptions = {},
): Promise<FirstLook | null> {
  const { embedder, search, store } = use.current;
  const { descriptors } = embedder.summary;
  const { weights, shares } = checkQuery(query, descriptors);
  // What is near no picture cannot be looked for near one.
  if ((query.texts?.length ?? 0) > 0) return null;
  const started = now();
  const embedded: EmbeddedExample[] = [];
  for (const { image, sign, box, weight } of query.examples) {
    embedded.push({ sign, weight, branches: await embedImage(embedder, image, box) });
  }
  const branches = combineExamples(embedded, descriptors);
  const examples = new Set(query.examples.map(({ image }) => pathIn(use.folder, image)));
  const { paths, found } = await candidates(
    use.folder,
    query.examples[0]!.image,
    filter,
    () => now() - started < budget.list,
  );
  const wanted = paths.filter((path) => !examples.has(path));

  const gallery = new Gallery(embedder.manifest.descriptors.map(({ dim }) => dim));
  const end = now() + budget.embed;
  for (let at = 0; at < wanted.length && (at === 0 || now() < end); at += BATCH) {
    const batch = wanted.slice(at, at + BATCH);
    // A file that ends the process is found by what is noted here, as it is in a run.
    await store.attempt(batch);
    const decoded = await Promise.all(batch.map((path) => pixelsOf(join(use.folder, path), embedder.manifest.input)));
    const read = batch.filter((_, i) => decoded[i] !== null);
    const pixels = decoded.filter((each) => each !== null);
    if (read.length > 0) {
      const rows = await embedder.embed(Buffer.concat(pixels), read.length);
      const dim = rows.length / read.length;
      for (const [i, path] of read.entries()) gallery.set(path, rows.subarray(i * dim, (i + 1) * dim));
    }
    await store.endAttempts(batch);
    await setImmediate();
  }
  if (gallery.count === 0) return null;
  const { folder: under, minScore } = query.only ?? {};
  const result = await search.run(branches, gallery, query.k, { shares, within: insideOf(gallery, under) });
  const least = typeof minScore === "number" ? Array.from({ length: descriptors.length + 1 }, () => minScore) : [];
  const shown = query.examples.map((example) => ({
    ...example,
    image: pathIn(use.folder, example.image) ?? resolve(example.image),
  }));
  return {
    looked: gallery.count,
    found,
    result: {
      query: shown[0]!.image,
      examples: shown,
      weights,
      model: embedder.summary,
      chance: null,
      kinds: false,
      ...nameResult(result, descriptors, gallery, least),
    },
  };
}

async function pixelsOf(file: string, input: Parameters<typeof decodeForModel>[1]): Promise<Uint8Array | null> {
  try {
    return (await decodeForModel(file, input)).pixels;
  } catch (error) {
    // The run that follows counts and names it.
    if (error instanceof ImageError) return null;
    throw error;
  }
}

/**
 * Images to look at, those beside the query first and in turn with others from all over the folder.
 * @param mayGoOn false once listing has taken its time
 * @returns and how many were seen until then; null where there are more
 */
async function candidates(
  folder: string,
  query: string,
  filter: FileFilter | undefined,
  mayGoOn: () => boolean,
): Promise<{ readonly paths: readonly string[]; readonly found: number | null }> {
  const beside = await namesBeside(folder, query, filter);
  const sample: string[] = [];
  let seen = 0;
  let all = true;
  const abort = new AbortController();
  const visit = ({ path }: { readonly path: string }) => {
    // Every step-th one: the step doubles whenever the sample is full.
    if (seen++ % step === 0) sample.push(path);
    if (sample.length === 2 * HELD) {
      sample.splice(0, sample.length, ...sample.filter((_, i) => i % 2 === 0));
      step *= 2;
    }
    if (!mayGoOn()) {
      all = false;
      abort.abort();
    }
  };
  let step = 1;
  await walkImages(folder, visit, { filter, signal: abort.signal }).catch((error: unknown) => {
    if (!abort.signal.aborted) throw error;
  });
  const spread = spreadOut(sample);
  const paths = new Set<string>();
  for (let i = 0; i < Math.max(beside.length, spread.length); i++) {
    if (beside[i] !== undefined) paths.add(beside[i]!);
    if (spread[i] !== undefined) paths.add(spread[i]!);
  }
  return { paths: [...paths], found: all ? seen : null };
}

/** Images in the folder of the query, the nearest by name first; none where it lies outside. */
async function namesBeside(folder: string, query: string, filter: FileFilter | undefined): Promise<string[]> {
  const own = pathIn(folder, query);
  if (own === null) return [];
  const inside = own.slice(0, own.lastIndexOf("/") + 1);
  const names = await fs.readdir(join(folder, inside)).catch((): string[] => []);
  const images = names.filter(isImageName).sort();
  const wanted = await wantedIn(folder, inside.slice(0, -1), images, filter);
  const at = wanted.indexOf(own);
  const order = [...wanted.keys()].sort((a, b) => Math.abs(a - at) - Math.abs(b - at) || a - b);
  return order.map((i) => wanted[i]!);
}
