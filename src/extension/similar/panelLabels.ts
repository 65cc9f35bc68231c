import { isDeepStrictEqual } from "node:util";
import {
  COMBINED,
  type LabelFacets,
  type LabelsOfResult,
  type ShownLabels,
  type TableColumn,
  type TableSummary,
} from "../../shared/index.ts";
import { joinFacets, labelsIn, offeredTables, withoutLabels } from "./labelTables.ts";
import { Latest } from "./latest.ts";
import type { Session } from "./session.ts";

/** What the labels of a panel need of the rest; plain functions, so that it can be tested without VS Code. */
export interface LabelsHost {
  /** Looks for the tables of a folder. */
  tables(folder: string): Promise<readonly TableSummary[]>;
  /** @throws where a table is none of those of the folders */
  check(folders: readonly string[], file: string): Promise<void>;
  of(folder: string, from: TableColumn | null, paths: readonly string[], signal: AbortSignal): Promise<LabelsOfResult>;
  facets(folder: string, from: TableColumn | null, signal: AbortSignal): Promise<LabelFacets>;
  isCancellation(error: unknown): boolean;
  /** For the user. */
  failureText(error: unknown): string;
  changed(shown: ShownLabels): void;
}

const NONE: ShownLabels = { tables: [], byPath: [], facets: null, problem: null };

/** The labels of what a panel shows. They follow its session: marks of an older answer stay until the new ones are there. */
export class PanelLabels {
  readonly #host: LabelsHost;
  readonly #work = new Latest(() => this.#follow());
  #session: Session | undefined;
  /** What was asked for last: the session, its lists, where labels come from. */
  #source: readonly unknown[] = [];
  /** Folders whose tables are known. */
  #tablesOf = new Map<string, readonly TableSummary[]>();
  /** Ends the reading of a table that nobody wants any more. */
  #reading = new AbortController();
  /** What the facets are of. */
  #counted = "";
  #shown: ShownLabels = NONE;
  #disposed = false;

  constructor(host: LabelsHost) {
    this.#host = host;
  }

  get shown(): ShownLabels {
    return this.#shown;
  }

  /** To be called with each change of what the panel shows; what needs no other labels costs nothing. */
  follow(session: Session): void {
    const { result, comparison, labels, folder, examples, progress } = session.state;
    // Indexing tells of itself several times a second; lists are made anew now and then, and labels with them.
    const indexed = progress === null ? folder.indexed : null;
    const source = [session.folders.join("\n"), result, comparison, JSON.stringify(labels), indexed, examples];
    if (session === this.#session && source.every((each, i) => each === this.#source[i])) return;
    // Under other labels, or in another folder, those that are shown are wrong.
    if (source[0] !== this.#source[0] || source[3] !== this.#source[3]) this.#forget(source[0] !== this.#source[0]);
    this.#session = session;
    this.#source = source;
    void this.#work.ask();
  }

  /** Looks for tables again: the user has chosen one. */
  async refresh(): Promise<void> {
    this.#tablesOf.clear();
    await this.#work.ask();
  }

  dispose(): void {
    this.#disposed = true;
    this.#reading.abort();
    this.#work.stop();
  }

  #forget(tables: boolean): void {
    if (tables) this.#tablesOf.clear();
    this.#counted = "";
    this.#reading.abort();
    this.#reading = new AbortController();
    this.#set({ byPath: [], facets: null, problem: null, ...(tables ? { tables: [] } : {}) });
  }

  async #follow(): Promise<void> {
    const session = this.#session;
    if (session === undefined) return;
    const from = session.query.labels;
    try {
      await this.#findTables(session.folders);
      if (from !== null) await this.#host.check(session.folders, from.file);
      // Nothing can be said of a folder before its first index.
      if (session.state.folder.indexed > 0) await this.#read(session, from);
    } catch (error) {
      if (this.#host.isCancellation(error)) return;
      this.#counted = "";
      this.#set({ byPath: [], facets: null, problem: this.#host.failureText(error) });
    }
  }

  async #findTables(folders: readonly string[]): Promise<void> {
    if (folders.every((folder) => this.#tablesOf.has(folder))) return;
    // Without them there is still the rest; the host has logged why.
    const found = await Promise.all(folders.map((folder) => this.#host.tables(folder).catch(() => [])));
    this.#tablesOf = new Map(folders.map((folder, i) => [folder, found[i]!]));
    this.#set({ tables: offeredTables(this.#tablesOf) });
  }

  async #read(session: Session, from: TableColumn | null): Promise<void> {
    const { signal } = this.#reading;
    const paths = shownPaths(session);
    const byPath: [string, string][] = [];
    const states: string[] = [];
    const sources = session.folders.map((folder) => ({
      folder,
      from: from === null ? null : labelsIn(folder, from, this.#tablesOf),
    }));
    for (const { folder, from: own } of sources) {
      // What a folder's label is depends on all of its images (a split is no label), so the engine is asked for those as well.
      const asked = own === undefined ? [] : paths.filter((path) => session.split(path).folder === folder);
      const inside = asked.map((path) => session.split(path).path);
      const { labels, state } = await this.#host.of(folder, own ?? null, inside, signal);
      states.push(state);
      for (const [i, label] of labels.entries()) if (label !== null) byPath.push([asked[i]!, label]);
    }
    if (session !== this.#session) return;
    this.#set({ byPath, problem: null });
    const counted = JSON.stringify([from, states]);
    if (counted === this.#counted) return;
    const facets = await Promise.all(
      sources.map(async ({ folder, from: own }) => {
        const counts = await this.#host.facets(folder, own ?? null, signal);
        return own === undefined ? withoutLabels(counts) : counts;
      }),
    );
    if (session !== this.#session || from !== session.query.labels) return;
    this.#counted = counted;
    const files = sources.flatMap((source) => source.from?.file ?? []);
    this.#set({ facets: joinFacets(facets, new Set(files).size < files.length) });
  }

  #set(change: Partial<ShownLabels>): void {
    if (this.#disposed) return;
    const shown = { ...this.#shown, ...change };
    if (isDeepStrictEqual(shown, this.#shown)) return;
    this.#shown = shown;
    this.#host.changed(this.#shown);
  }
}

/** Every image of the lists, and the examples. */
export function shownPaths({ state }: Session): string[] {
  const { result, comparison, examples } = state;
  const lists =
    comparison === null ? Object.values(result?.results ?? {}) : comparison.map(({ ranked }) => ranked ?? []);
  // Those of combined first: of what is the same picture the best one leads.
  const ordered = [result?.results[COMBINED] ?? [], ...lists];
  return [
    ...new Set([
      ...examples.filter(({ inside }) => inside).map(({ path }) => path),
      ...ordered.flatMap((list) => list.map(({ path }) => path)),
    ]),
  ];
}
