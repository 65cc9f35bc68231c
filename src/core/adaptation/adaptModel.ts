import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { pMapIterable } from "p-map";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import { ADAPTED_SUFFIX, MIN_ADAPTED, untilAborted } from "../../shared/index.ts";
import { decodeViews, type FoundImage, ImageError } from "../images/index.ts";
import { appendHeads, HANDCRAFTED_BRANCHES, type Head, readManifest } from "../model/index.ts";
import type { Embedder } from "../runtime/index.ts";
import { fitAside } from "./fitAside.ts";
import { FIT_DEFAULTS } from "./fitHead.ts";
import { ASKED_FROM, admitted } from "./gate.ts";
import {
  behindHead,
  joinedWith,
  joinedWithHandcrafted,
  openHandcrafted,
  type SecondNetwork,
  type Sight,
  sideBySide,
} from "./guests.ts";
import { firstOfEachLook, type Look, lookOf } from "./looks.ts";
import { chooseSample, dimFor, MAX_IMAGES, seedOf, VIEWS } from "./sample.ts";

export interface AdaptOptions {
  readonly signal?: AbortSignal | undefined;
  /** @param done images of the sample, of `total` */
  readonly onProgress?: (done: number, total: number) => void;
  /** Paths of images that come first, in this order, and one by one. That changes nothing in the result. */
  readonly alone?: readonly string[] | undefined;
  /** Images that are looked at, at most. */
  readonly most?: number | undefined;
  /** Joins the model where the images speak for it, and are enough to tell. */
  readonly second?: SecondNetwork | undefined;
  /** Whether branches without a network join likewise, each for itself. */
  readonly handcrafted?: boolean | undefined;
  /** Told of each image before anything is done with it, and after all is done. */
  readonly notes?: {
    begin(path: string): Promise<void>;
    end(path: string): Promise<void>;
  };
}

/**
 * Adapts a model to a folder without labels: fits a head behind each branch on a sample of its images and their views.
 * The same files give the same model, bit for bit, on the same machine.
 * @param bytes the model's file, which `embedder` has loaded
 * @param images of the folder, as `findImages` lists them
 * @returns the adapted model's file; null where the images are too few, or too much alike, or the model was trained or
 *   adapted already: another head behind would give up what it has learned
 */
export async function adaptModel(
  folder: string,
  images: readonly Pick<FoundImage, "path">[],
  embedder: Embedder,
  bytes: Uint8Array,
  options: AdaptOptions = {},
): Promise<Uint8Array | null> {
  if (embedder.manifest.training !== null) return null;
  const { name, fingerprint } = embedder.summary;
  const asked = images.length < ASKED_FROM ? {} : options;
  const joined = asked.second === undefined ? null : joinedWith(bytes, name, asked.second);
  const pixelwise = asked.handcrafted ? await openHandcrafted(joined ?? bytes, name) : null;
  try {
    const second = joined === null ? [] : [asked.second!.embedder];
    const sight = sideBySide(embedder, [...second, ...(pixelwise === null ? [] : [pixelwise])]);
    const fitted = await fitHeads(folder, images, sight, options);
    if (fitted === null) return null;
    const { model, heads } = withGuests(bytes, joined, embedder, sight, fitted);
    const training = { method: ADAPTED_METHOD, images: fitted.images, base: fingerprint };
    return appendHeads(model, name, heads, `${name}${ADAPTED_SUFFIX}`, training);
  } finally {
    await pixelwise?.release();
  }
}

/**
 * The model with those of its guests for which the images speak.
 * @param joined the model and the second network, where that was asked
 * @returns with the heads of its branches; null for the one that stays
 */
function withGuests(
  bytes: Uint8Array,
  joined: Uint8Array | null,
  { manifest: { descriptors }, summary: { name } }: Embedder,
  sight: Sight,
  { heads, silent, pictures }: Fitted,
): { readonly model: Uint8Array; readonly heads: readonly (Head | null)[] } {
  const own = descriptors.length;
  const all = sight.manifest.descriptors;
  const second = joined === null ? 0 : readManifest(joined, name).second!.length;
  const rows = () =>
    pictures.map((values, b) => (silent.includes(b) ? null : behindHead(values, heads[b]!, all[b]!.dim)));
  const found = all.length === own ? { second: false, handcrafted: [] } : admitted({ own, second }, rows());
  const networks = found.second ? own + second : own;
  const crafted = HANDCRAFTED_BRANCHES.filter((_, i) => found.handcrafted[i]);
  const base = found.second ? joined! : bytes;
  return {
    model: crafted.length === 0 ? base : joinedWithHandcrafted(base, name, crafted)!,
    heads: heads.filter((_, b) => b < networks || found.handcrafted[b - own - second] === true),
  };
}

interface Fitted {
  /** One per branch; null of one whose space words share, and of those below. */
  readonly heads: readonly (Head | null)[];
  /** Branches of guests from which nothing can be told. */
  readonly silent: readonly number[];
  readonly images: number;
  readonly pictures: readonly Float32Array[];
}

/** How an adapted model was made, for its manifest. */
export const ADAPTED_METHOD = "adapted without labels: view whitening";

/** An image of the sample, and its row. */
interface Sampled extends Pick<FoundImage, "path"> {
  readonly place: number;
}

interface DecodedViews extends Sampled {
  /** Of the picture and its views; null where it cannot be decoded. */
  readonly pixels: Awaited<ReturnType<typeof decodeViews>> | null;
}

/** @returns the images in two parts: those that come alone, in their own order, and the others */
function inOrder(sample: readonly Pick<FoundImage, "path">[], alone: readonly string[]): [Sampled[], Sampled[]] {
  const rank = new Map(alone.map((path, i) => [path, i]));
  const all = sample.map(({ path }, place) => ({ path, place }));
  const first = all.filter(({ path }) => rank.has(path));
  first.sort((a, b) => rank.get(a.path)! - rank.get(b.path)!);
  return [first, all.filter(({ path }) => !rank.has(path))];
}

/** Decodes the first part one by one, with the image before wholly done; the second with some images ahead. */
async function* decoded(
  [first, others]: readonly [Sampled[], Sampled[]],
  decode: (image: Sampled) => Promise<DecodedViews>,
): AsyncGenerator<DecodedViews> {
  for (const image of first) yield await decode(image);
  yield* pMapIterable(others, decode, { concurrency: 4, backpressure: 8 });
}

/** Moves rows to the front of a matrix. @param places rows that are filled, in their order */
function closeUp(matrix: Float32Array, places: readonly number[], width: number): void {
  for (const [row, place] of places.entries()) {
    if (row !== place) matrix.copyWithin(row * width, place * width, (place + 1) * width);
  }
}

/**
 * One image of each look where most are copies of others: sizes and encodings would be what pictures differ in. A few copies among many
 * pictures change nothing.
 */
async function withoutCopies(places: number[], looks: readonly Look[], signal?: AbortSignal): Promise<number[]> {
  const found = await firstOfEachLook(
    places.map((place) => looks[place]!),
    signal,
  );
  const first = found.map((i) => places[i]!);
  return 2 * first.length < places.length ? first : places;
}

/**
 * The heads of `adaptModel`, one per branch; null for the one whose space words share.
 * @returns with the number of images that they were fitted on, and these in each branch before its head, float32 `[images, d]`; null
 *   where they are too few, or too much alike
 */
export async function fitHeads(
  folder: string,
  images: readonly Pick<FoundImage, "path">[],
  embedder: Sight,
  { signal, onProgress = () => {}, alone = [], most = MAX_IMAGES, notes }: AdaptOptions = {},
): Promise<Fitted | null> {
  if (images.length < MIN_ADAPTED) return null;
  const { input, descriptors, text } = embedder.manifest;
  // A head moves pictures and not words: behind it the two would no longer be in one space.
  const stays = descriptors.map(({ name }) => name === text?.branch);
  if (stays.every(Boolean)) return null;
  const sample = chooseSample(images, most);
  const dims = descriptors.map((branch) => branch.dim);
  const pictures = dims.map((d) => new Float32Array(sample.length * d));
  const views = dims.map((d) => new Float32Array(sample.length * VIEWS * d));
  const decode = async ({ path, place }: Sampled): Promise<DecodedViews> => {
    signal?.throwIfAborted();
    await notes?.begin(path);
    try {
      const pixels = await decodeViews(join(folder, path), input, VIEWS, xoroshiro128plus(seedOf(path)), signal);
      return { path, place, pixels };
    } catch (error) {
      // A damaged file tells nothing; indexing will name it.
      if (error instanceof ImageError) return { path, place, pixels: null };
      throw error;
    }
  };
  let done = 0;
  const looks: Look[] = [];
  let places: number[] = [];
  onProgress(0, sample.length);
  for await (const { path, place, pixels } of untilAborted(decoded(inOrder(sample, alone), decode), signal)) {
    done++;
    const rows = pixels === null ? null : await embedder.embed(Buffer.concat(pixels), pixels.length);
    await notes?.end(path);
    if (rows === null) continue;
    let offset = 0;
    for (const [b, d] of dims.entries()) {
      const branch = (i: number) => rows.subarray(i * embedder.dim + offset, i * embedder.dim + offset + d);
      pictures[b]!.set(branch(0), place * d);
      for (let i = 0; i < VIEWS; i++) views[b]!.set(branch(1 + i), (place * VIEWS + i) * d);
      offset += d;
    }
    looks[place] = lookOf(pixels![0]!, input.width, input.height);
    places.push(place);
    onProgress(done, sample.length);
    // The model's run held the event loop; whoever waits (a query, a cancel) goes first.
    await setImmediate();
  }
  // In the order of the sample, whichever order they came in: sums of floats depend on it.
  places = await withoutCopies(
    places.sort((a, b) => a - b),
    looks,
    signal,
  );
  const used = places.length;
  if (used < MIN_ADAPTED) return null;
  for (const [b, d] of dims.entries()) {
    closeUp(pictures[b]!, places, d);
    closeUp(views[b]!, places, VIEWS * d);
  }
  const options = { ...FIT_DEFAULTS, dim: dimFor(used) };
  const heads = await Promise.all(
    dims.map((d, b) =>
      stays[b]
        ? "stays"
        : fitAside(pictures[b]!.slice(0, used * d), views[b]!.slice(0, used * VIEWS * d), d, options, signal),
    ),
  );
  const needed = dims.length - (embedder.optional ?? 0);
  if (heads.slice(0, needed).includes(null)) return null;
  return {
    heads: heads.map((head) => (head === "stays" ? null : head)),
    silent: [...heads.keys()].filter((b) => heads[b] === null),
    images: used,
    pictures: dims.map((d, b) => pictures[b]!.subarray(0, used * d)),
  };
}
