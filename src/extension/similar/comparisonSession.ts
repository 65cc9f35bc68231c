import { COMBINED, type ComparedModel, type FolderStatus, type SimilarState } from "../../shared/index.ts";
import { type ComparedChoice, labelOf } from "./comparedChoice.ts";
import { type PanelQuery, queryImage, resolveShown } from "./query.ts";
import { firstState, type Session, type SessionHost, SessionState, stateOfQuery } from "./session.ts";

/** One query under several models: searches with each, indexes the folder with each, one after the other. */
export class ComparisonSession implements Session {
  readonly folder: string;
  readonly #host: SessionHost;
  readonly #models: readonly ComparedChoice[];
  #query: PanelQuery;
  #count: number;
  readonly #state: SessionState;

  /**
   * @param folder absolute path of the indexed folder
   * @param models in the order of the columns
   * @param count length of each list
   * @param before lists of the same comparison, shown until there are newer ones
   */
  constructor(
    host: SessionHost,
    folder: string,
    query: PanelQuery,
    models: readonly ComparedChoice[],
    count: number,
    before: SimilarState["comparison"] = null,
  ) {
    this.#host = host;
    this.folder = folder;
    this.#query = query;
    this.#models = models;
    this.#count = count;
    const comparison = models.map(({ label }, i) => before?.[i] ?? { name: label, ranked: null });
    this.#state = new SessionState(host, { ...firstState(folder, query), comparison });
  }

  get folders(): readonly string[] {
    return [this.folder];
  }

  get query(): PanelQuery {
    return this.#query;
  }

  get state(): SimilarState {
    return this.#state.now;
  }

  resolve(path: string): string | undefined {
    return resolveShown(this.folder, this.#query.examples, path);
  }

  split(path: string): { readonly folder: string; readonly path: string } {
    return { folder: this.folder, path };
  }

  shown(_folder: string, path: string): string {
    return path;
  }

  /** Shows at once what models know that have an index, then brings the index of each up to date. */
  async start(): Promise<void> {
    await this.#guard(async () => {
      for (const model of this.#models) {
        const status = await this.#host.status(this.folder, model);
        this.#state.note(status);
        if (status.indexed > 0) await this.#search(model);
      }
      if (this.#host.mayIndex()) await this.#updateAll();
      else if (this.#state.now.comparison?.some(({ ranked }) => ranked === null)) {
        this.#state.say("info", this.#host.texts.untrusted, ["manageTrust"]);
      }
    });
  }

  async ask(query: PanelQuery): Promise<void> {
    this.#query = query;
    this.#state.set(stateOfQuery(query, (image) => queryImage(this.folder, image)));
    await this.#searchAll();
  }

  async more(count: number): Promise<void> {
    this.#count = count;
    await this.#searchAll();
  }

  report(status: FolderStatus): void {
    const { folder, asked, byOthers } = status;
    if (folder !== this.folder || !this.#models.some(({ model }) => model === asked)) return;
    this.#state.note(status);
    if (byOthers) void this.#searchAll();
  }

  dispose(): void {
    this.#state.end();
  }

  async #searchAll(): Promise<void> {
    await this.#guard(async () => {
      for (const model of this.#models) await this.#search(model);
    });
  }

  async #updateAll(): Promise<void> {
    for (const model of this.#models) if (!(await this.#update(model))) return;
    this.#state.note(await this.#host.status(this.folder, this.#models[0]));
    if (this.#state.now.folder.indexed === 0) this.#state.say("info", this.#host.texts.noImages, ["indexFolder"]);
  }

  /** @returns whether to go on with the next model: nobody cancelled */
  async #update(model: ComparedChoice): Promise<boolean> {
    if (this.#state.ended) return false;
    try {
      this.#state.say("info", this.#host.texts.comparing(model.label), []);
      const { indexed, updated, removed } = await this.#host.index(this.folder, model);
      this.#state.set({ progress: null, notice: null });
      if (indexed + updated + removed > 0 || this.#listOf(model) === null) await this.#search(model);
      return true;
    } catch (error) {
      this.#state.set({ progress: null });
      if (!this.#host.isCancellation(error)) throw error;
      await this.#search(model);
      this.#state.say("info", this.#host.texts.cancelled, ["indexFolder"]);
      return false;
    }
  }

  async #search(model: ComparedChoice): Promise<void> {
    if (this.#state.ended) return;
    this.#state.set({ searching: true });
    const query = this.#query;
    const { examples, texts = [], filter, labels } = query;
    // Weights are of one model's branches: each model combines by those of its own index.
    const asked = { examples, ...(texts.length === 0 ? {} : { texts }), only: filter, labels, k: this.#count };
    const { results, model: answered } = await this.#host.similar(this.folder, asked, model);
    if (query !== this.#query) return;
    const ranked = results[COMBINED] ?? [];
    const name = labelOf(model, answered.name, this.#host.texts.notAdapted);
    const at = this.#models.indexOf(model);
    const comparison = this.#state.now.comparison?.map(
      (each, i): ComparedModel => (i === at ? { name, ranked } : each),
    );
    this.#state.set({ comparison: comparison ?? null, searching: false });
  }

  #listOf(model: ComparedChoice): ComparedModel["ranked"] {
    return this.#state.now.comparison?.[this.#models.indexOf(model)]?.ranked ?? null;
  }

  #guard(work: () => Promise<void>): Promise<void> {
    return this.#state.guard(work, () => false);
  }
}
