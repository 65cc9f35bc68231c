import { basename } from "node:path";
import {
  type FirstLook,
  type FolderStatus,
  type IndexSummary,
  isFallback,
  type QueryImage,
  type SimilarQuery,
  type SimilarResult,
  type SimilarState,
} from "../../shared/index.ts";
import { ShownState, type StateHost } from "../pages/shownState.ts";
import type { ComparedChoice } from "./comparedChoice.ts";
import { type PanelQuery, queryImage, wordsTitle } from "./query.ts";

/**
 * What a session needs of the rest; plain functions, so that it can be tested without VS Code. Where `model` is
 * absent, it is the one that is chosen for the folder.
 */
export interface SessionHost extends StateHost<SimilarState> {
  status(folder: string, model?: ComparedChoice): Promise<FolderStatus>;
  similar(folder: string, query: SimilarQuery, model?: ComparedChoice): Promise<SimilarResult>;
  /** What the first images of a folder without an index have; null where nothing is found. */
  firstLook?(folder: string, query: SimilarQuery): Promise<FirstLook | null>;
  /** Brings the index up to date, or joins the run that does. */
  index(folder: string, model?: ComparedChoice): Promise<IndexSummary>;
  /** Whether files of the workspace may be indexed: it is trusted. */
  mayIndex(): boolean;
  texts: {
    readonly untrusted: string;
    readonly noImages: string;
    /** The results are of the first images only, with a model that is not adapted yet. */
    firstLook(looked: number, found: number | null): string;
    readonly cancelled: string;
    /** The folder is being indexed with a model of a comparison. */
    comparing(model: string): string;
    /** A model of a comparison, which could not be adapted to the folder. */
    notAdapted(model: string): string;
    /** The model has no such branches, so their weights were dropped. */
    weightsDropped(branches: readonly string[], model: string): string;
  };
  now(): number;
  /** Whether the folder is known to have an index, so that it can be searched without asking first. */
  isIndexed?(folder: string): boolean;
  /** Ends when those who wait for the results have had them, and other work may begin. */
  rest?(): Promise<void>;
  /** Told of each search. */
  took?(milliseconds: number): void;
}

/** A query that a panel shows, from its first search to its last. */
export interface Session {
  readonly folder: string;
  /** That are searched. */
  readonly folders: readonly string[];
  readonly query: PanelQuery;
  readonly state: SimilarState;
  /** Absolute path of a path as it stands in the state; undefined where it would lead out of the folder. */
  resolve(path: string): string | undefined;
  /** The folder whose index knows a path as it stands in the state, and the path relative to it. */
  split(path: string): { readonly folder: string; readonly path: string };
  /** A path of one of the folders as it stands in the state. */
  shown(folder: string, path: string): string;
  start(): Promise<void>;
  /** Indexes what could not be searched; absent where `start` does. */
  indexMissing?(): Promise<void>;
  /** Asks something else of the same folder. */
  ask(query: PanelQuery): Promise<void>;
  /** Asks for lists of another length. */
  more(count: number): Promise<void>;
  /** To be called when the engine tells of a folder. */
  report(status: FolderStatus): void;
  dispose(): void;
}

/** What a session shows of its query. */
export function stateOfQuery(
  { examples, texts = [], weights, filter, labels }: PanelQuery,
  shown: (image: string) => QueryImage,
): Pick<SimilarState, "query" | "examples" | "texts" | "weights" | "filter" | "labels"> {
  const [first] = examples;
  return {
    query: first === undefined ? { name: wordsTitle(texts), path: "", inside: false } : shown(first.image),
    texts,
    examples: examples.map(({ image, box, ...form }) => ({ ...shown(image), ...form, box: box ?? null })),
    weights,
    filter,
    labels,
  };
}

/** What a session shows before its first answer. */
export function firstState(folder: string, query: PanelQuery): SimilarState {
  return {
    ...stateOfQuery(query, (image) => queryImage(folder, image)),
    across: null,
    folder: { name: basename(folder), indexed: 0 },
    device: null,
    unmet: null,
    model: null,
    result: null,
    comparison: null,
    searching: true,
    progress: null,
    notice: null,
  };
}

/** The state of a session of a similar panel. */
export class SessionState extends ShownState<SimilarState> {
  /**
   * Does one thing; what goes wrong becomes a notice, and lists that are there stay.
   * @param searching whether a search is under way that outlives the work
   */
  async guard(work: () => Promise<void>, searching: () => boolean): Promise<void> {
    try {
      this.set({ notice: null });
      await work();
    } catch (error) {
      this.set({ progress: null });
      this.fail(error, ["retry", "showLog"]);
    } finally {
      if (!searching()) this.set({ searching: false });
    }
  }

  /** Takes over how a folder stands. @param more what else that changes */
  note({ indexed, device, deviceReport, progress }: FolderStatus, more: Partial<SimilarState> = {}): void {
    const { asked, reason } = deviceReport;
    const unmet = isFallback(deviceReport) ? { asked, reason: reason ?? "" } : null;
    this.set({ folder: { ...this.now.folder, indexed }, device, unmet, progress, ...more });
  }
}
