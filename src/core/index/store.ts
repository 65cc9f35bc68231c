import type { SkippedFile } from "../../shared/index.ts";
import type { ImageRecord } from "../search/index.ts";

export interface EmbeddedImage {
  readonly image: ImageRecord;
  /** float32 `[dim]`: the branches side by side, each of norm 1. Kept as float16. */
  readonly embedding: Float32Array;
}

/** A file that could not be decoded, with what is needed to see that it has not changed since. */
export interface SkippedRecord extends SkippedFile {
  readonly mtimeMs: number;
  readonly ctimeMs: number | null;
  readonly size: number;
}

/** Path and file state of a record: enough to tell whether a file changed. */
export type RecordState = Pick<ImageRecord, "path" | "mtimeMs" | "ctimeMs" | "size">;

/** What is known of a content, whichever file holds it. */
export interface KnownContent {
  readonly width: number;
  readonly height: number;
  /** Whether only a part of it could be read. */
  readonly partial: boolean;
  /** float32 `[dim]` */
  readonly embedding: Float32Array;
}

export interface StoreIdentity {
  /** Real path of the indexed folder; kept so that a person can tell whose index this is. */
  readonly folder: string;
  readonly fingerprint: string;
  /** Name of the model, for people. */
  readonly model?: string;
  /** Values per embedding. */
  readonly dim: number;
}

/** A file that a process held when it died. */
export interface HeldFile {
  readonly path: string;
  /** The death before found exactly the same files held. */
  readonly twice: boolean;
}

/** Whether a store is what it should be; all is well with no duplicates, no orphans, and an integrity of `ok`. */
export interface StoreHealth {
  /** Embeddings. */
  readonly rows: number;
  readonly images: number;
  /** Images beyond the first of the same path. */
  readonly duplicates: number;
  /** Embeddings without an image, and images without an embedding. */
  readonly orphans: number;
  readonly schemaVersion: number;
  /** `ok`, or the first thing that is wrong with the file. */
  readonly integrity: string;
}

/**
 * Where an index is kept: one folder of images embedded by one model. A returned promise means that the change is
 * durable: it outlives the death of this process. Two processes may work on the same store.
 */
export interface Store {
  /** For messages and the log: a path or an address. */
  readonly place: string;
  /** Adds or replaces images, all or none. */
  put(images: readonly EmbeddedImage[]): Promise<void>;
  /**
   * Forgets images and skipped files that still have this state: what another process brought up to date meanwhile stays.
   * The embedding of a content that no image has any more is put by: `content` still knows it, and nothing else does.
   */
  remove(files: readonly RecordState[]): Promise<void>;
  /** Forgets what was put by before a time, milliseconds since the epoch. */
  expire(before: number): Promise<void>;
  /** Writes the change time into records that have none, where all else is the same. */
  fillIn(files: readonly RecordState[]): Promise<void>;
  /** Notes files that cannot be decoded, and forgets the images that had these paths. */
  skip(files: readonly SkippedRecord[]): Promise<void>;
  find(path: string): Promise<ImageRecord | undefined>;
  /** Those of some images that are there, in any order; absent where one by one is as fast. */
  findMany?(paths: readonly string[]): Promise<readonly ImageRecord[]>;
  /** Number of images. */
  count(): Promise<number>;
  /** Every image, in no particular order. */
  images(): Promise<readonly RecordState[]>;
  /** @param hash SHA-256 of a file's content */
  content(hash: Uint8Array): Promise<KnownContent | undefined>;
  /** Path of an image that has this content now, the first by name; undefined where none has. */
  holder(hash: Uint8Array): Promise<string | undefined>;
  /** Paths of the other images that have the content of this one. */
  elsewhere(path: string): Promise<readonly string[]>;
  /** Notes files that are about to be decoded and embedded; `put` and `skip` take the notes away. */
  attempt(paths: readonly string[]): Promise<void>;
  /**
   * What is noted, those first that the last process held. To be called where nobody is at work: these are the files that a
   * process held when it died, and what it held is compared with what was held at the death before.
   * @param isOurs leaves out the files of others that are at work
   */
  heldAtDeath(isOurs?: (path: string) => boolean): Promise<readonly HeldFile[]>;
  /** @param paths all where absent */
  endAttempts(paths?: readonly string[]): Promise<void>;
  health(): Promise<StoreHealth>;
  /**
   * Takes out the images whose embeddings are not what was written (length, values, checksum), so that they are embedded again:
   * of a small index once per opening, of a large one once a day.
   * @returns their paths
   */
  verify(): Promise<readonly string[]>;
  skipped(): Promise<readonly SkippedRecord[]>;
  /** Paths of the images of which only a part could be read, sorted. */
  partial(): Promise<readonly string[]>;
  /** Every embedding as float32 `[dim]`; the array is reused between steps, so copy what you keep. */
  embeddings(): AsyncIterable<ReadRow & { readonly path: string }>;
  /** Embeddings of some images as they are now, in their order; null for one that is not there, or damaged. */
  embeddingsOf(images: readonly RowPlace[]): Promise<readonly (ReadRow | null)[]>;
  snapshot(): Promise<StoreSnapshot>;
  /** A text that was kept under a name, beside the images; null where none was. */
  note(name: string): Promise<string | null>;
  keepNote(name: string, text: string): Promise<void>;
  /** Whether another connection changed the store since the last call. */
  changedByOthers(): Promise<boolean>;
  readonly changes: Changes;
  /** A text that is another one after each change, whoever made it. */
  version(): Promise<string>;
  /** Absent where all is read again as fast. */
  readonly following?: Following;
  close(): Promise<void>;
}

/** Tells what others do with the same store, without anything being asked of it. */
export interface Changes {
  /**
   * @param every milliseconds after which a change is told at the latest, as far as the store can be reached
   * @param changed called after changes of others
   * @returns ends it
   */
  watch(every: number, changed: () => void): () => void;
}

/** Where an image is read again: by its key, or by its path where that is 0. */
export interface RowPlace {
  readonly path: string;
  readonly key: number;
}

export interface ReadRow {
  readonly key: number;
  /** Another one where the embedding has changed. */
  readonly mark: number;
  /** float32 `[dim]`. */
  readonly embedding: Float32Array;
}

/** Finds what changed since a moment, so that whoever holds all embeddings need not read them again. */
export interface Following {
  /** The moment of now. */
  mark(): Promise<string>;
  /** What came, changed or went since, at least; null for an image that is no more. The array is reused between steps. */
  since(mark: string): AsyncIterable<{ readonly path: string; readonly embedding: Float32Array | null }>;
}

/** All embeddings as they are at one moment, whatever is written meanwhile. Close it: it holds back the store's clean-up. */
export interface StoreSnapshot {
  /** In the order of their code points. */
  readonly paths: readonly string[];
  /** One float32 `[dim]` per path, in the same order, as often as asked; the array is reused between steps. */
  embeddings(): AsyncIterable<Float32Array>;
  close(): Promise<void>;
}

/** An index that cannot be opened or used; the message says where and what to do. */
export class StoreError extends Error {
  override readonly name: string = "StoreError";
  /** Whether the file itself is broken, so that only making it anew helps. */
  readonly damaged: boolean;
  /** Whether a password, or another one, is what it lacks. */
  readonly wantsPassword: boolean;

  constructor(message: string, options: ErrorOptions & { damaged?: boolean; wantsPassword?: boolean } = {}) {
    super(message, options);
    this.damaged = options.damaged ?? false;
    this.wantsPassword = options.wantsPassword ?? false;
  }
}
