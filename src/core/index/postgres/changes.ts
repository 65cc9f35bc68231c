import type { Changes } from "../store.ts";
import { ChangeWatch } from "./changeWatch.ts";
import type { Database } from "./database.ts";
import type { PostgresIndex } from "./rows.ts";

/** How many changes an index has seen. */
export async function changesOf(database: Database, id: number): Promise<number> {
  const { count } = await database.first<{ count: number }>(
    "select coalesce(sum(writes), 0)::double precision as count from lookalike.change where index_id = $1",
    [id],
  );
  return count;
}

/** The changes of one index, told from those that are its own. */
export class OwnChanges implements Changes {
  /** Those that the reader knows of: as many as there were when it looked last, and its own since. */
  #known: number;
  readonly #before: number;
  #own = 0;
  readonly #database: Database;
  readonly #index: PostgresIndex;

  /** @param known how many there are */
  constructor(database: Database, index: PostgresIndex, known: number) {
    this.#database = database;
    this.#index = index;
    this.#known = known;
    this.#before = known;
  }

  /** To be called after each change by this store. */
  noteOwn(): void {
    this.#known++;
    this.#own++;
  }

  /** Whether there are others than known since the last call. */
  async haveOthers(): Promise<boolean> {
    const now = await changesOf(this.#database, this.#index.id);
    const changed = now !== this.#known;
    this.#known = now;
    return changed;
  }

  watch(every: number, changed: () => void): () => void {
    let known = this.#before;
    return ChangeWatch.add({
      database: this.#database,
      id: this.#index.id,
      every,
      look: (now) => {
        const foreign = now - this.#own;
        if (foreign === known) return false;
        known = foreign;
        changed();
        return true;
      },
    });
  }
}
