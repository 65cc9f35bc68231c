import { promises as fs } from "node:fs";
import {
  type ColumnNotes,
  type FolderParams,
  folderLabel,
  folderRule,
  type LabelColumn,
  type LabelFacets,
  type LabelsOfResult,
  labelsNamed,
  type TableColumn,
} from "../shared/index.ts";
import type { Folders } from "./folders.ts";
import { SharedWork } from "./sharedWork.ts";

/** Folders and columns whose labels are held: the folders of a window that are searched together, and some more. */
const HELD = 16;
/** Labels that are counted one by one. */
const MOST = 10_000;

/** The labels of the images that were indexed when they were read. */
interface FolderLabels {
  /** Of the index and the table. */
  readonly state: string;
  /** Number of images. */
  readonly images: number;
  readonly labels: LabelColumn;
  readonly notes: ColumnNotes | null;
  /** See `LabelFacets.split`. */
  readonly split: readonly string[];
  /** Places in `labels.names`, by path; of images that have a label. */
  readonly codes: ReadonlyMap<string, number>;
  /** Likewise, of images whose rows say several. */
  readonly several: ReadonlyMap<string, readonly number[]>;
}

interface ToRead {
  readonly from: TableColumn | null;
  readonly source: { paths(): Promise<readonly string[]> };
  readonly state: string;
  readonly signal: AbortSignal;
}

/** Labels of indexed images, from a table or from their folders. Read again where the table or the index has changed. */
export class HeldLabels {
  readonly #folders: Folders;
  /** The latest last. */
  readonly #held = new Map<string, { readonly state: string; readonly labels: SharedWork<FolderLabels> }>();

  constructor(folders: Folders) {
    this.#folders = folders;
  }

  /** @throws TableError where the table cannot be read; the signal's reason */
  async of(
    params: FolderParams,
    from: TableColumn | null,
    paths: readonly string[],
    signal?: AbortSignal,
  ): Promise<LabelsOfResult> {
    const { labels, codes, state } = await this.#get(params, from, signal);
    return { labels: paths.map((path) => labels.names[codes.get(path) ?? -1] ?? null), state };
  }

  /**
   * Tells the images that pass a filter; one with several labels passes by any of them.
   * @param from null for the folder's path, undefined where no image of the folder has a label
   * @param wanted labels; "" is an image without one; undefined is all
   * @returns undefined where all pass
   * @throws TableError where the table cannot be read
   */
  async accepts(
    params: FolderParams,
    from: TableColumn | null | undefined,
    wanted: readonly string[] | undefined,
  ): Promise<((path: string) => boolean) | undefined> {
    if (wanted === undefined) return undefined;
    const passing = new Set(wanted);
    if (from === undefined) return () => passing.has("");
    const { labels, codes, several } = await this.#get(params, from);
    // A folder may be named by its last part.
    const named = from === null ? labelsNamed(wanted, labels.names).labels : passing;
    const passes = (code: number | undefined) => named.has(labels.names[code ?? -1] ?? "");
    return (path) => several.get(path)?.some(passes) ?? passes(codes.get(path));
  }

  /** @throws TableError where the table cannot be read; the signal's reason */
  async facets(params: FolderParams, from: TableColumn | null, signal?: AbortSignal): Promise<LabelFacets> {
    const { labels, images, codes, several, notes, split } = await this.#get(params, from, signal);
    const counts = new Uint32Array(labels.names.length);
    for (const code of codes.values()) counts[code]!++;
    for (const code of [...several.values()].flat()) counts[code]!++;
    const rest = counts.subarray(MOST);
    return {
      labels: labels.names.slice(0, MOST).map((label, code) => ({ label, images: counts[code]! })),
      others: { labels: rest.length, images: rest.reduce((sum, count) => sum + count, 0) },
      unlabelled: images - codes.size - several.size,
      notes,
      split,
    };
  }

  async #get(params: FolderParams, from: TableColumn | null, signal?: AbortSignal): Promise<FolderLabels> {
    const source = (await this.#folders.get(params)).source();
    const stat = from === null ? undefined : await fs.stat(from.file).catch(() => undefined);
    const state = `${await source.version()} ${stat?.mtimeMs} ${stat?.ctimeMs} ${stat?.size}`;
    const key = JSON.stringify([params.folder, source.place, from]);
    const known = this.#held.get(key);
    this.#held.delete(key);
    const held =
      known?.state === state && !known.labels.stopped
        ? known
        : { state, labels: new SharedWork((stop) => this.#read(params.folder, { from, source, state, signal: stop })) };
    this.#held.set(key, held);
    const [oldest] = this.#held.keys();
    if (this.#held.size > HELD && oldest !== undefined) this.#held.delete(oldest);
    // A failure is not kept: the next request tries again.
    held.labels.onFailure(() => {
      if (this.#held.get(key) === held) this.#held.delete(key);
    });
    return held.labels.wait(signal);
  }

  async #read(folder: string, { from, source, state, signal }: ToRead): Promise<FolderLabels> {
    const core = await this.#folders.core();
    const paths = await source.paths();
    signal.throwIfAborted();
    const rule = folderRule(paths);
    const read =
      from === null
        ? { labels: core.categories(paths.map((path) => folderLabel(path, rule))), several: new Map(), notes: null }
        : await core.readImageLabels(from.file, from.column, paths, folder, signal);
    const codes = new Map<string, number>();
    const several = new Map<string, readonly number[]>();
    for (const [i, path] of paths.entries()) {
      const code = read.labels.codes[i]!;
      if (code >= 0) codes.set(path, code);
      const all = read.several.get(i);
      if (all !== undefined) several.set(path, all);
    }
    const split = from === null ? rule.parts : [];
    return { labels: read.labels, notes: read.notes, split, state, images: paths.length, codes, several };
  }
}
