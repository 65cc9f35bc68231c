import type { Client, ClientConfig, QueryConfig } from "pg";
import { StrangeAnswer, TooMuch } from "./answers.ts";
import { bytesOfText } from "./bytea.ts";
import { isPassing } from "./failures.ts";
import { MessageCheck } from "./messageCheck.ts";

/** What is asked, with the most rows that there can be of it: pg's own types have no room for that. */
export interface BoundedQuery extends QueryConfig {
  /** How long its answer may take, in milliseconds; that of the connection where absent. */
  readonly query_timeout?: number;
  /** An answer with more ends the connection; as many as there is memory for where absent. */
  readonly most?: number;
}

/** The number of the type `bytea` in every PostgreSQL. */
const BYTEA = 17;

/** Where pg takes in what the server sends; not in its types. */
interface Incoming {
  attachListeners(stream: Pick<Stream, "on">): void;
}

interface Stream {
  on(event: string, listener: (...args: unknown[]) => void): unknown;
  destroy(error: Error): void;
}

/**
 * A client whose server may send anything. pg reads messages where they arrive, so one that is none would be thrown past everybody and
 * end the process; here it ends the connection, and whoever waits for an answer is told.
 * @param memory bytes that an answer may take; half of what there is for JavaScript where absent
 */
export function guardedClient(Base: typeof Client, memory?: number): typeof Client {
  return class extends Base {
    constructor(config?: string | ClientConfig) {
      super(config);
      this.setTypeParser(BYTEA, "text", bytesOfText);
      const check = new MessageCheck(memory);
      const { connection } = this as unknown as { readonly connection: Incoming };
      const attach = connection.attachListeners.bind(connection);
      connection.attachListeners = (stream) => attach(guarded(stream as Stream, check));
      const ask = translated(this.query.bind(this) as Asked, unread);
      this.query = ((...args: unknown[]) => {
        check.expect((args[0] as BoundedQuery).most ?? Number.POSITIVE_INFINITY);
        return ask(...args);
      }) as typeof this.query;
      this.connect = translated(this.connect.bind(this) as Asked, unexpected) as typeof this.connect;
    }
  };
}

type Asked = (...args: unknown[]) => unknown;

/** pg takes a callback, as its last argument, or gives a promise: what fails comes to either, by way of `translate`. */
function translated(ask: Asked, translate: (error: unknown) => unknown): Asked {
  return (...args) => {
    const told = args.at(-1);
    if (typeof told === "function") {
      return ask(...args.slice(0, -1), (error: unknown, ...rest: unknown[]) =>
        told(error && translate(error), ...rest),
      );
    }
    const asked = ask(...args);
    return asked instanceof Promise ? asked.catch((error: unknown) => Promise.reject(translate(error))) : asked;
  };
}

function guarded(stream: Stream, check: MessageCheck): Pick<Stream, "on"> {
  return {
    on: (event, listener) =>
      stream.on(event, (...args) => {
        try {
          if (event === "data") check.take(args[0] as Buffer);
          listener(...args);
        } catch (cause) {
          stream.destroy(isTold(cause) ? cause : new StrangeAnswer("no message of PostgreSQL", { cause }));
        }
      }),
  };
}

const isTold = (error: unknown): error is Error => error instanceof StrangeAnswer || error instanceof TooMuch;

/** What pg fails with over an answer that it cannot read, told from faults of ours; what a server or the system says has a code. */
function unread(error: unknown): unknown {
  if (!(error instanceof Error) || "code" in error || isTold(error) || isPassing(error)) return error;
  return new StrangeAnswer("an answer that pg cannot read", { cause: error });
}

/** A message before there is a connection that does not belong there; what is missing there (a password, a certificate) is told by others. */
function unexpected(error: unknown): unknown {
  if (!(error instanceof Error) || !/^Received unexpected |^SASL: (?!.*password)/.test(error.message)) return error;
  return new StrangeAnswer("no answer to who asks for a connection", { cause: error });
}
