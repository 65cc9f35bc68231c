import { setTimeout as sleep } from "node:timers/promises";
import type { Client, ClientBase, ClientConfig, Pool, PoolClient } from "pg";
import type { PostgresAddress } from "./address.ts";
import { firstOf, rowsOf } from "./answers.ts";
import { codeOf, inPlainWords, isPassing } from "./failures.ts";
import { type BoundedQuery, guardedClient } from "./guardedClient.ts";
import { passwordFor } from "./passwords.ts";

/** Connections of a process; one more holds its locks. */
const CONNECTIONS = 4;
/** See `DatabaseOptions.answer`. */
const ANSWER = 60_000;
/** A statement that goes through all rows may take so many times as long: an hour. */
export const LONG = 60;
/** How long a statement is tried again while the database does not answer. Milliseconds. */
const PATIENCE = 120_000;
/** The same at the very first one, where a wrong address is more likely than a server that starts. Milliseconds. */
const FIRST_PATIENCE = 10_000;
/** How long a connection for few and small questions waits for an answer. Milliseconds. */
const SHORT_ANSWER = 20_000;
/** Times that a statement is tried again that was cancelled at the server. */
const CANCELS = 5;
const LONGEST_PAUSE = 5_000;

export interface DatabaseOptions {
  readonly warn?: ((message: string) => void) | undefined;
  /** Milliseconds. */
  readonly patience?: number | undefined;
  /** How long an answer may take before the connection is taken for lost. Milliseconds. */
  readonly answer?: number | undefined;
  /** Bytes that one answer may take; half of what there is for JavaScript where absent. */
  readonly memory?: number | undefined;
}

/**
 * The connections of one process to a PostgreSQL server. What fails in passing (the server restarts, the network drops, no
 * connection is free, a statement is cancelled) is tried again by itself, so whatever is given here has to be right also where it
 * ran before and only its answer was lost: one statement, or one transaction, that says what is to be.
 */
export class Database {
  readonly title: string;
  /** The same of all addresses that differ in the folder alone. */
  readonly server: string;
  readonly #pool: Pool;
  readonly #config: ClientConfig;
  readonly #Client: typeof Client;
  readonly answer: number;
  readonly #warn: (message: string) => void;
  #patience: number;
  #away = false;

  /** @throws StoreError where it cannot be reached */
  static async connect(
    address: PostgresAddress,
    { warn = () => {}, patience = PATIENCE, answer = ANSWER, memory }: DatabaseOptions = {},
  ): Promise<Database> {
    const { default: pg } = await import("pg");
    const { host, port, database, user, ssl } = address;
    const warned = new Set<string>();
    // Each connection asks anew.
    const warnOnce = (message: string) => {
      if (warned.size === 0) warn(message);
      warned.add(message);
    };
    const config: ClientConfig = {
      ...{ host, port, database, user, ssl },
      // pg takes no answer for "ask the environment", where an empty text means that there is none.
      password: async () => (await passwordFor(address, process.env, warnOnce)) ?? "",
      application_name: "lookalike",
      keepAlive: true,
      keepAliveInitialDelayMillis: 10_000,
      connectionTimeoutMillis: 10_000,
    };
    // Statements here take milliseconds by their keys. By a guess of their cost, the server would compile them first, for seconds.
    const onConnect = async (client: ClientBase) => void (await client.query("set jit = off"));
    const Guarded = guardedClient(pg.Client, memory);
    const pool = new pg.Pool({
      ...config,
      Client: Guarded,
      max: CONNECTIONS,
      query_timeout: answer,
      allowExitOnIdle: true,
      onConnect,
    });
    // A connection that ends while nobody uses it is replaced at the next need.
    pool.on("error", () => {});
    const first = Math.min(patience, FIRST_PATIENCE);
    const opened = new Database(address.title, pool, config, Guarded, answer, warn, first);
    try {
      await opened.query("select 1");
    } catch (error) {
      await pool.end();
      throw error;
    }
    opened.#patience = patience;
    return opened;
  }

  private constructor(
    title: string,
    pool: Pool,
    config: ClientConfig,
    client: typeof Client,
    answer: number,
    warn: (message: string) => void,
    patience: number,
  ) {
    this.title = title;
    this.server = title.replace(/([?&])folder=[^&]*/, "$1");
    this.#pool = pool;
    this.#config = config;
    this.#Client = client;
    this.answer = answer;
    this.#warn = warn;
    this.#patience = patience;
  }

  /**
   * Runs one statement, which is a transaction of its own.
   * @param times how many times as long as others it may take
   * @param most rows that its answer can have; as many as there is memory for where absent
   * @param check throws StrangeAnswer where rows are not what was asked for
   * @throws StoreError
   */
  query<Row extends object>(
    text: string,
    values: readonly unknown[] = [],
    times = 1,
    most?: number,
    check: (rows: readonly Row[]) => void = () => {},
  ): Promise<Row[]> {
    const bound = most === undefined ? {} : { most };
    const query: BoundedQuery = { text, values: [...values], query_timeout: times * this.answer, ...bound };
    return this.#persist(async () => {
      const rows = rowsOf<Row>(await this.#pool.query(query));
      check(rows);
      return rows;
    });
  }

  /** The same of a statement whose answer has one row, whatever there is. @throws StoreError */
  first<Row extends object>(text: string, values: readonly unknown[] = [], times = 1): Promise<Row> {
    const query: BoundedQuery = { text, values: [...values], query_timeout: times * this.answer, most: 1 };
    return this.#persist(async () => firstOf(rowsOf<Row>(await this.#pool.query(query))));
  }

  /** Does work in a transaction, all of it again where it failed in passing. @throws StoreError */
  transaction<T>(work: (client: PoolClient) => Promise<T>): Promise<T> {
    return this.#persist(async () => {
      const client = await this.#pool.connect();
      let failure: Error | undefined;
      // A connection that breaks says so twice: to the statement, and here.
      const broken = (error: Error) => {
        failure = error;
      };
      client.on("error", broken);
      try {
        await client.query("begin");
        const result = await work(client);
        await client.query("commit");
        return result;
      } catch (error) {
        failure = error instanceof Error ? error : new Error(String(error));
        throw error;
      } finally {
        client.off("error", broken);
        // A connection with half a transaction is not given to anybody else.
        client.release(failure);
      }
    });
  }

  /**
   * A connection for its own use, to be ended by the caller.
   * @param times how many times as long as those of others its answers may take; for ever where infinite
   */
  async session(times = 1): Promise<Client> {
    const limit = Number.isFinite(times) ? { query_timeout: times * this.answer } : {};
    return this.#persist(() => this.#connect({ ...this.#config, ...limit }));
  }

  /** The same for few and small questions, without another try. @throws what went wrong */
  connectOnce(): Promise<Client> {
    return this.#connect({ ...this.#config, query_timeout: SHORT_ANSWER });
  }

  async #connect(config: ClientConfig): Promise<Client> {
    const client = new this.#Client(config);
    client.on("error", () => {});
    try {
      await client.connect();
    } catch (error) {
      // A server that does not answer would hold its socket.
      void client.end().catch(() => {});
      throw error;
    }
    return client;
  }

  /** Tells the log something of the database. @param what after its name */
  tell(what: string): void {
    this.#warn(`The database ${this.title} ${what}`);
  }

  /** @throws StoreError for whatever went wrong in the database */
  plainly(error: unknown): unknown {
    return inPlainWords(this.title, error);
  }

  async close(): Promise<void> {
    await this.#pool.end();
  }

  async #persist<T>(work: () => Promise<T>): Promise<T> {
    const start = performance.now();
    for (let tries = 1; ; tries++) {
      try {
        const result = await work();
        if (this.#away) {
          this.#away = false;
          this.#warn(`The database ${this.title} answers again.`);
        }
        return result;
      } catch (error) {
        const cancelled = codeOf(error) === "57014" && tries > CANCELS;
        if (!isPassing(error) || cancelled || performance.now() - start > this.#patience) throw this.plainly(error);
        this.#tell(error, tries);
      }
      // Not all at once, when a server is back for many.
      await sleep(Math.min(LONGEST_PAUSE, 50 * 2 ** tries) * (0.5 + Math.random()));
    }
  }

  /** Once per outage; what passes at the second try is nobody's business. */
  #tell(error: unknown, tries: number): void {
    if (this.#away || tries < 3) return;
    this.#away = true;
    const reason = error instanceof Error ? error.message : String(error);
    const seconds = Math.round(this.#patience / 1000);
    this.#warn(
      `The database ${this.title} does not answer (${reason}). What was acknowledged is kept; it is tried again for ${seconds} s.`,
    );
  }
}
