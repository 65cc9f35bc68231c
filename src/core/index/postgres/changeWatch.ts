import type { Client } from "pg";
import type { Database } from "./database.ts";
import { codeOf } from "./failures.ts";
import { CHANNEL } from "./statements.ts";

/** Between two looks, however often something is told. Milliseconds. */
const LEAST = 1_000;

/** Who wants to know of an index. */
export interface Watcher {
  readonly database: Database;
  readonly id: number;
  /** Milliseconds after which it knows at the latest. It is not told sooner where it has just been told. */
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
  /** Whether something was told since the last look began. */
  #due = false;
  #hurry: () => void = () => {};

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
    else this.#wake();
    return () => {
      this.#watching.delete(watching);
      if (this.#watching.size === 0) this.#wake();
    };
  }

  async #run(): Promise<void> {
    this.#running = true;
    while (this.#watching.size > 0) {
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
      const now = performance.now();
      const wanted = ({ id, every, told }: Watching) => payload.startsWith(`${id} `) && now - told >= every;
      if ([...this.#watching].some(wanted)) this.#wake();
    });
    client.once("end", () => {
      if (this.#client !== client) return;
      this.#client = undefined;
      this.#wake();
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
    this.#lookedAt = performance.now();
    this.#due = false;
    if (!this.#asked) await this.#listen(client);
    const ids = [...new Set([...this.#watching].map(({ id }) => id))];
    const { rows } = await client.query<{ id: number; changes: number }>(
      `select index_id as id, sum(writes)::double precision as changes from lookalike.change
       where index_id = any($1::int[]) group by index_id`,
      [ids],
    );
    for (const watching of [...this.#watching]) {
      // An index that was deleted has none.
      const changes = rows.find(({ id }) => id === watching.id)?.changes ?? 0;
      if (watching.look(changes)) watching.told = this.#lookedAt;
    }
  }

  /** A copy refuses it, until it becomes a primary. */
  async #listen(client: Client): Promise<void> {
    const { rows } = await client.query<{ copy: boolean }>("select pg_is_in_recovery() as copy");
    if (rows[0]!.copy) return;
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
    const left = (from: number) => Math.max(0, this.#lookedAt + from - performance.now());
    await new Promise<void>((resolve) => {
      let timer: NodeJS.Timeout;
      const wait = (milliseconds: number) => {
        clearTimeout(timer);
        timer = setTimeout(resolve, milliseconds);
        // A process need not live for it.
        timer.unref();
      };
      this.#hurry = () => wait(this.#watching.size === 0 ? 0 : left(least));
      wait(left(this.#failures > 0 ? least : every));
      if (this.#due) this.#hurry();
    });
    this.#hurry = () => {};
  }

  #wake(): void {
    this.#due = true;
    this.#hurry();
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
