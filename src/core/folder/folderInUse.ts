import pLimit from "p-limit";
import type { IndexPlace } from "../index/index.ts";
import type { Embedder } from "../runtime/index.ts";
import type { FolderModel } from "./folderModel.ts";
import { Searchable, type SearchableOptions } from "./searchable.ts";

interface Watch {
  readonly every: number;
  readonly changed: () => void;
  /** Ends it at the store in use. */
  stop: () => void;
}

/** What is searched of a folder now: an update may put another model's index in its place. */
export class FolderInUse {
  /** Absolute. */
  readonly folder: string;
  readonly model: FolderModel;
  /** Whether the model's adapted form is used. */
  readonly adapt: boolean;
  readonly warn: (message: string) => void;
  /** Gallery and search take turns: a search reads the matrices while nothing moves their rows. */
  readonly turn = pLimit(1);
  /** Where its indexes lie. */
  readonly place: IndexPlace;
  readonly #options: SearchableOptions;
  readonly #watches = new Set<Watch>();
  readonly #missed = new Set<() => void>();
  #current: Searchable;

  static async open(
    folder: string,
    place: IndexPlace,
    model: FolderModel,
    adapt: boolean,
    options: SearchableOptions,
  ): Promise<FolderInUse> {
    const embedder = await (adapt ? model.adaptedOrBase(options.warn) : model.base());
    const current = await Searchable.open(folder, place, embedder, options);
    return new FolderInUse(folder, place, model, adapt, options, current);
  }

  private constructor(
    folder: string,
    place: IndexPlace,
    model: FolderModel,
    adapt: boolean,
    options: SearchableOptions,
    current: Searchable,
  ) {
    this.folder = folder;
    this.model = model;
    this.adapt = adapt;
    this.warn = options.warn;
    this.place = place;
    this.#options = options;
    this.#current = current;
  }

  get current(): Searchable {
    return this.#current;
  }

  /** The folder's index with another model, beside the one in use. */
  openWith(embedder: Embedder): Promise<Searchable> {
    return Searchable.open(this.folder, this.place, embedder, this.#options);
  }

  replaceBy(next: Searchable): Promise<void> {
    return this.turn(async () => {
      const before = this.#current;
      this.#take(next);
      await before.close();
    });
  }

  /**
   * Calls after changes of others to what is in use (`Changes`).
   * @param every milliseconds after which that is known at the latest
   * @param busy where it is not the time to be told, `tellMissed` does it later
   * @returns ends it
   */
  watch(every: number, changed: () => void, busy: () => boolean): () => void {
    const told = () => void (busy() ? this.#missed.add(changed) : changed());
    const watch = { every, changed: told, stop: this.#current.store.changes.watch(every, told) };
    this.#watches.add(watch);
    return () => {
      this.#watches.delete(watch);
      this.#missed.delete(changed);
      watch.stop();
    };
  }

  tellMissed(): void {
    const missed = [...this.#missed];
    this.#missed.clear();
    for (const changed of missed) changed();
  }

  endWatches(): void {
    for (const { stop } of this.#watches) stop();
    this.#watches.clear();
    this.#missed.clear();
  }

  #take(next: Searchable): void {
    this.#current = next;
    for (const watch of this.#watches) {
      watch.stop();
      watch.stop = next.store.changes.watch(watch.every, watch.changed);
    }
  }

  /** The index's file turned out to be broken: it is put aside, and an empty one takes its place. */
  startOver(): Promise<void> {
    return this.turn(async () => {
      const { embedder, store } = this.#current;
      await this.#current.close();
      this.place.putAside(store, this.warn);
      this.#take(await this.openWith(embedder));
    });
  }
}
