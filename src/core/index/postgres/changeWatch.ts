import type { Client } from "pg";
import { firstOf, rowsOf } from "./answers.ts";
import type { Database } from "./database.ts";
import { codeOf } from "./failures.ts";
import { CHANNEL } from "./statements.ts";

/** Between two looks, however often something is told. Milliseconds. */
const LEAST = 1_000;
/** From one news of an index to the next, under a stream of changes. Milliseconds. */
const PAUSE = 5_000;

/** Who wants to know of an index. */
export interface Watcher {
  readonly database: Database;
  readonly id: number;
  /** Milliseconds after which it knows at the latest. */
  readonly every: number;
  /** @returns whether `changes` was news */
  look(changes: number): boolean;
}

interface Watching extends Watcher {
  /** When it had news last. */
  told: number;
}

/**
 * Looks whether indexes in a database were changed, over one connection for all of a process. Whoever changes one says so
 * (`NOTIFY`), so it is known at once; and it is looked at every so often besides, since not everything passes: a copy takes no
 * `LISTEN`, a pooler may hand the connection to others, a version of before says nothing. A connection that breaks is made again.
 */
export class ChangeWatch {
  static readonly #all = new Map<string, ChangeWatch>();
  readonly #server: string;
  readonly #watching = new Set<Watching>();
  #client: Client | undefined;
  /** Whether the connection listens, or cannot. */
  #asked = false;
  #running = false;
  /** In a row. */
  #failures = 0;
  #lookedAt = Number.NEGATIVE_INFINITY;
  /** When the next look is due, by what came since the last one began. */
  #dueAt = Number.POSITIVE_INFINITY;
  /** Sets the time of the next look. */
  #plan: () => void = () => {};

  /** The one for a server, whichever folder's place asks. */
  static #of({ server }: Database): ChangeWatch {
    const watch = ChangeWatch.#all.get(server) ?? new ChangeWatch(server);
    ChangeWatch.#all.set(server, watch);
    return watch;
  }

  /** @returns ends it */
  static add(watcher: Watcher): () => void {
    return ChangeWatch.#of(watcher.database).#add(watcher);
  }

  private constructor(server: string) {
    this.#server = server;
  }

  #add(watcher: Watcher): () => void {
    const watching = { ...watcher, told: Number.NEGATIVE_INFINITY };
    this.#watching.add(watching);
    if (!this.#running) void this.#run();
    // The one before may wait for longer.
    else this.#lookAt(0);
    return () => {
      this.#watching.delete(watching);
      if (this.#watching.size === 0) this.#lookAt(0);
    };
  }

  async #run(): Promise<void> {
    this.#running = true;
    while (this.#watching.size > 0) {
      this.#lookedAt = performance.now();
      this.#dueAt = Number.POSITIVE_INFINITY;
      try {
        this.#client ??= await this.#connect();
        await this.#look(this.#client);
        if (this.#failures > 2) this.#tell("is watched for changes again.");
        this.#failures = 0;
      } catch (error) {
        await this.#letGo();
        // What passes at the next look is nobody's business.
        if (++this.#failures === 3) this.#tell(`cannot be watched for changes (${reasonOf(error)}).`);
      }
      if (this.#watching.size > 0) await this.#rest();
    }
    this.#running = false;
    ChangeWatch.#all.delete(this.#server);
    await this.#letGo();
  }

  #tell(what: string): void {
    for (const { database } of [...this.#watching].slice(0, 1)) database.tell(what);
  }

  async #connect(): Promise<Client> {
    const [{ database }] = [...this.#watching] as [Watching];
    const client = await database.connectOnce();
    client.on("notification", ({ payload = "" }) => {
      for (const { id, every, told } of this.#watching) {
        if (payload.startsWith(`${id} `)) this.#lookAt(told + Math.min(every, PAUSE));
      }
    });
    client.once("end", () => {
      if (this.#client !== client) return;
      this.#client = undefined;
      this.#lookAt(0);
    });
    this.#asked = false;
    return client;
  }

  async #letGo(): Promise<void> {
    const client = this.#client;
    this.#client = undefined;
    await client?.end().catch(() => {});
  }

  async #look(client: Client): Promise<void> {
    if (!this.#asked) await this.#listen(client);
    const ids = [...new Set([...this.#watching].map(({ id }) => id))];
    const answer = await client.query(
      `select index_id as id, sum(writes)::double precision as changes from lookalike.change
       where index_id = any($1::int[]) group by index_id`,
      [ids],
    );
    const rows = rowsOf<{ id: number; changes: number }>(answer);
    for (const watching of [...this.#watching]) {
      // An index that was deleted has none.
      const changes = rows.find(({ id }) => id === watching.id)?.changes ?? 0;
      if (watching.look(changes)) watching.told = this.#lookedAt;
    }
  }

  /** A copy refuses it, until it becomes a primary. */
  async #listen(client: Client): Promise<void> {
    const answer = await client.query("select pg_is_in_recovery() as copy");
    if (firstOf(rowsOf<{ copy: boolean }>(answer)).copy) return;
    try {
      await client.query(`listen ${CHANNEL}`);
    } catch (error) {
      // What is between here and the server may not know it.
      if (!/^(0A|25|42)/.test(codeOf(error))) throw error;
    }
    this.#asked = true;
  }

  /** Until it is time for the next look, or for one that is due before it. */
  async #rest(): Promise<void> {
    const every = Math.min(...[...this.#watching].map((each) => each.every));
    const least = Math.min(every, LEAST * 2 ** Math.min(6, this.#failures));
    await new Promise<void>((resolve) => {
      let timer: NodeJS.Timeout;
      const plan = () => {
        clearTimeout(timer);
        const latest = this.#lookedAt + (this.#failures > 0 ? least : every);
        const next = Math.min(latest, Math.max(this.#dueAt, this.#lookedAt + least));
        timer = setTimeout(resolve, this.#watching.size === 0 ? 0 : Math.max(0, next - performance.now()));
        // A process need not live for it.
        timer.unref();
      };
      this.#plan = plan;
      plan();
    });
    this.#plan = () => {};
  }

  /** @param time as `performance.now` gives it */
  #lookAt(time: number): void {
    this.#dueAt = Math.min(this.#dueAt, time);
    this.#plan();
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
