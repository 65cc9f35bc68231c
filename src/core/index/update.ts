import { availableParallelism } from "node:os";
import { setImmediate } from "node:timers/promises";
import { pMapIterable } from "p-map";
import {
  type FileFilter,
  type IndexProgress,
  type IndexSummary,
  PARTIAL_KIND,
  Rate,
  type SkippedFile,
  untilAborted,
} from "../../shared/index.ts";
import { BufferPool, type FoundImage, Room, walkImages } from "../images/index.ts";
import type { Embedder } from "../runtime/index.ts";
import { embedLooked, type Looked, lookInto } from "./look.ts";
import { type Plan, Planner } from "./plan.ts";
import { quarantine } from "./quarantine.ts";
import { isInShard, type Shard } from "./shard.ts";
import type { EmbeddedImage, SkippedRecord, Store } from "./store.ts";
import { refuseVanished } from "./vanished.ts";

/**
 * Files that are looked into at the same time: so many more than are decoded at once that the decoders do not run dry while
 * the model holds this thread, in which nothing else begins.
 */
const DECODERS = 2 * availableParallelism() + 12;
/** Of files, held for it. Bytes. */
const HELD = 1 << 27;
/** Files that are noted at once. All of them are tried one by one after a death, so there should not be many. */
const NOTED = 16;
/** Embedded images that are stored at once, at least; as many as the largest run on the CPU, so that a cancel takes as long. */
const LEAST_STORED = 8;
/** Files of known content that are stored at once. */
const STORED = 64;

/** How long the embedding of a content that is gone is put by. Milliseconds. */
const FORMER = 30 * 24 * 60 * 60_000;

export interface UpdateOptions {
  /** Embed everything again. What is there stays until its replacement is. */
  readonly rebuild?: boolean | undefined;
  /** Adapt the model anew, to more images than the first time, and embed everything with it. */
  readonly refit?: boolean | undefined;
  /** Whether a second network may join the model where it is adapted; where absent, only one that had joined before. */
  readonly second?: boolean | undefined;
  /** The same of branches that need no network. */
  readonly handcrafted?: boolean | undefined;
  /** Forgets images that are gone even where nearly all of them are, as where a disk is away. */
  readonly acceptRemoved?: boolean | undefined;
  /** Only the files of one part are looked at; nothing is said of the others. */
  readonly shard?: Shard | undefined;
  /** Also stores thumbnails in a database, for machines that do not have the files. */
  readonly shareThumbnails?: boolean | undefined;
  /** Which files are indexed; all images where absent. */
  readonly filter?: FileFilter | undefined;
  /** Stops between batches; what was stored until then stays. */
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: (progress: IndexProgress) => void;
}

/** What the owner of a store keeps in step with it; called after the store has acknowledged. */
export interface StoreObserver {
  stored(images: readonly EmbeddedImage[]): Promise<void>;
  dropped(paths: readonly string[]): Promise<void>;
}

/**
 * Brings a store up to date with the image files of a folder: embeds new and changed contents, takes over those that are
 * known, forgets what is gone. A file that cannot be decoded is named in the summary and does not stop the run.
 * @throws VanishedError where nearly all images are gone at once, and that was not accepted
 * @throws where the folder cannot be read, the store cannot be written, or `signal` aborts
 */
export async function updateStore(
  folder: string,
  store: Store,
  embedder: Embedder,
  observer: StoreObserver,
  { rebuild = false, acceptRemoved = false, shard, filter, signal, onProgress = () => {} }: UpdateOptions,
): Promise<IndexSummary> {
  const rate = new Rate(performance.now());
  const report = (phase: IndexProgress["phase"], done: number, total: number, skippedCount: number) =>
    onProgress({
      phase,
      done,
      total,
      skipped: skippedCount,
      imagesPerSecond: rate.perSecond(),
      secondsLeft: total > 0 ? rate.secondsLeft(total) : null,
    });

  report("scanning", 0, 0, 0);
  const { deadly, harmless, held } = await quarantine(folder, store, embedder, { again: rebuild, signal, shard });
  await observer.dropped(deadly.map(({ path }) => path));
  await store.endAttempts(shard === undefined ? undefined : held);
  await observer.dropped(await store.verify());
  const { plan, unseen, shadows } = await planUpdate(folder, store, { rebuild, filter, signal, shard }, deadly);
  const { alone, work } = aloneFirst(plan.work, new Set(harmless));
  const skipped: SkippedFile[] = [...unseen, ...plan.stillSkipped.map(asSkipped)];
  const counts = { indexed: 0, updated: 0, reused: 0, lost: 0 };
  let done = 0;
  let goneDropped = false;
  const pixels = new BufferPool(1);
  const start = performance.now();
  report("embedding", 0, work.length, skipped.length);

  /** Once what may have been moved is recognised. */
  async function dropGone(): Promise<void> {
    // A rebuild knows a content again only when it has been through all files.
    if (goneDropped || done < (rebuild ? work.length : Math.min(work.length, alone + plan.candidates))) return;
    goneDropped = true;
    if (!acceptRemoved) await refuseVanished(folder, store, plan.gone, plan.known);
    await store.remove([...plan.gone, ...plan.goneSkipped]);
    await observer.dropped(plan.gone.map(({ path }) => path));
  }

  async function finish(batch: readonly Looked[]): Promise<void> {
    const failed = batch.flatMap((item) => ("skip" in item ? [item.skip] : []));
    const found = batch.filter((item) => "state" in item);
    if (found.length > 0) {
      const { images, reused, ...rest } = await embedLooked(embedder, found, store, { reuse: !rebuild, pixels });
      failed.push(...rest.failed);
      await store.put(images);
      await observer.stored(images);
      counts.reused += reused;
      for (const { image } of images) plan.changed.has(image.path) ? counts.updated++ : counts.indexed++;
    }
    if (failed.length > 0) {
      await store.skip(failed);
      await observer.dropped(failed.map(({ path }) => path));
      for (const record of failed) {
        const { path } = record;
        skipped.push(asSkipped(record));
        if (plan.changed.has(path)) counts.lost++;
      }
    }
    done += batch.length;
    await dropGone();
    rate.note(done, performance.now());
    report("embedding", done, work.length, skipped.length);
    // The model's run held the event loop; whoever waits (a query, a cancel) goes first.
    await setImmediate();
  }

  await store.fillIn(plan.unfilled);
  await store.expire(rebuild ? Number.POSITIVE_INFINITY : Date.now() - FORMER);
  await dropGone();
  try {
    // The embedder knows what its device takes; on the CPU no more than 8, since a run cannot be stopped.
    for await (const batch of looked(folder, store, embedder, work, alone, { rebuild, filter, signal })) {
      await finish(batch);
    }
  } finally {
    // A note that stays costs a second look at its file, no more.
    if (work.length > 0)
      await store.endAttempts(shard === undefined ? undefined : work.map(({ path }) => path)).catch(() => {});
  }

  const embedded = counts.indexed + counts.updated - counts.reused;
  const embedSeconds = (performance.now() - start) / 1000;
  return {
    indexed: counts.indexed,
    updated: counts.updated,
    removed: plan.gone.length + counts.lost,
    unchanged: plan.unchanged,
    reused: counts.reused,
    skipped: skipped.sort((a, b) => (a.path < b.path ? -1 : 1)),
    unread: countsOf(skipped.flatMap(({ kind }) => (kind === undefined || kind === PARTIAL_KIND ? [] : [kind]))),
    partial: await store.partial(),
    shadows: countsOf(shadows),
    seconds: rate.seconds(performance.now()),
    imagesPerSecond: embedded > 0 ? embedded / embedSeconds : 0,
    device: embedder.device,
    model: embedder.summary,
  };
}

/**
 * Looks whether nearly all images are gone, before work that would put another index in place of this one.
 * @throws VanishedError
 */
export async function checkVanished(folder: string, store: Store, options: UpdateOptions): Promise<void> {
  if (options.acceptRemoved || (await store.count()) === 0) return;
  const { plan } = await planUpdate(folder, store, { ...options, rebuild: false }, []);
  // Files of the same size may be the moved ones; the update itself will know.
  await refuseVanished(folder, store, plan.gone.slice(plan.candidates), plan.known);
}

async function planUpdate(
  folder: string,
  store: Store,
  { rebuild, filter, signal, shard }: UpdateOptions,
  tried: readonly SkippedRecord[],
): Promise<{ plan: Plan; unseen: SkippedFile[]; shadows: string[] }> {
  const isOurs = ({ path }: { readonly path: string }) => isInShard(path, shard);
  const planner = new Planner((await store.images()).filter(isOurs), (await store.skipped()).filter(isOurs), {
    again: rebuild ?? false,
    tried: new Set(tried.map(({ path }) => path)),
    leftOut: filter?.wholeOnly === true ? new Set(await store.partial()) : undefined,
  });
  const shadows: string[] = [];
  const see = (image: FoundImage) => void (isOurs(image) && planner.see(image));
  const unseen = await walkImages(folder, see, {
    signal,
    filter,
    unread: true,
    // They belong to no shard, so one of them tells.
    onShadow: (kind) => void ((shard?.index ?? 0) === 0 && shadows.push(kind)),
  });
  const plan = planner.finish(unseen.filter(({ gone }) => !gone).map(({ path }) => path));
  return { plan, unseen: unseen.filter(isOurs).map(({ path, reason }) => ({ path, reason })), shadows };
}

function asSkipped({ path, reason, kind }: SkippedFile): SkippedFile {
  return kind === undefined ? { path, reason } : { path, reason, kind };
}

/** How often each name is there, the most frequent first. */
function countsOf(names: readonly string[]): Record<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return Object.fromEntries([...counts].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1)));
}

/**
 * Puts the files that were held when a process died in front: they are embedded one by one, since each did no harm alone.
 * @returns how many they are
 */
function aloneFirst(work: readonly FoundImage[], harmless: ReadonlySet<string>) {
  const first = work.filter(({ path }) => harmless.has(path));
  if (first.length === 0) return { alone: 0, work };
  return { alone: first.length, work: [...first, ...work.filter(({ path }) => !harmless.has(path))] };
}

/**
 * Looks into files ahead of the one who takes them, and gives them in batches of the model's size.
 * @param alone so many of the first files come one by one
 */
async function* looked(
  folder: string,
  store: Store,
  embedder: Embedder,
  work: readonly FoundImage[],
  alone: number,
  { rebuild, filter, signal }: UpdateOptions,
): AsyncGenerator<Looked[]> {
  // A device that is as fast with one image as with many gets them one by one, but they are stored together.
  const size = Math.max(LEAST_STORED, embedder.deviceReport.batch);
  const buffers = new BufferPool(DECODERS);
  const room = new Room(HELD);
  const notes: Promise<void>[] = [];
  const look = async (image: FoundImage, index: number): Promise<Looked> => {
    signal?.throwIfAborted();
    const group = Math.floor(index / NOTED);
    notes[group] ??= store.attempt(work.slice(group * NOTED, (group + 1) * NOTED).map(({ path }) => path));
    await notes[group];
    return room.hold(image.size, () =>
      lookInto(folder, image, embedder.manifest.input, store, {
        reuse: !rebuild,
        wholeOnly: filter?.wholeOnly === true,
        buffers,
        signal,
      }),
    );
  };
  const backpressure = Math.max(2 * size, 2 * DECODERS);
  let batch: Looked[] = [];
  let decoded = 0;
  let taken = 0;
  const items = pMapIterable(work, look, { concurrency: DECODERS, backpressure });
  for await (const item of untilAborted(items, signal)) {
    batch.push(item);
    if ("decoded" in item) decoded++;
    const byItself = taken++ < alone;
    if (!byItself && decoded < size && batch.length < STORED) continue;
    yield batch;
    batch = [];
    decoded = 0;
  }
  if (batch.length > 0) yield batch;
}
