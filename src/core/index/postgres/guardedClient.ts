import type { Client, ClientConfig } from "pg";
import { StrangeAnswer } from "./answers.ts";
import { bytesOfText } from "./bytea.ts";
import { isPassing } from "./failures.ts";
import { MessageCheck } from "./messageCheck.ts";

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
 */
export function guardedClient(Base: typeof Client): typeof Client {
  return class extends Base {
    constructor(config?: string | ClientConfig) {
      super(config);
      this.setTypeParser(BYTEA, "text", bytesOfText);
      const { connection } = this as unknown as { readonly connection: Incoming };
      const attach = connection.attachListeners.bind(connection);
      connection.attachListeners = (stream) => attach(guarded(stream as Stream));
      // pg takes a callback or gives a promise; what fails over an answer comes to either.
      const ask = this.query.bind(this) as (...args: unknown[]) => unknown;
      const query = (...args: unknown[]): unknown => {
        const last = args.at(-1);
        if (typeof last === "function") {
          return ask(...args.slice(0, -1), (error: unknown, ...rest: unknown[]) =>
            last(error && unread(error), ...rest),
          );
        }
        const asked = ask(...args);
        return asked instanceof Promise ? asked.catch((error: unknown) => Promise.reject(unread(error))) : asked;
      };
      this.query = query as typeof this.query;
    }
  };
}

function guarded(stream: Stream): Pick<Stream, "on"> {
  const check = new MessageCheck();
  return {
    on: (event, listener) =>
      stream.on(event, (...args) => {
        try {
          if (event === "data") check.take(args[0] as Buffer);
          listener(...args);
        } catch (cause) {
          stream.destroy(new StrangeAnswer("no message of PostgreSQL", { cause }));
        }
      }),
  };
}

/** What pg fails with over an answer that it cannot read, told from faults of ours; what a server or the system says has a code. */
function unread(error: unknown): unknown {
  if (!(error instanceof Error) || "code" in error || error instanceof StrangeAnswer || isPassing(error)) return error;
  return new StrangeAnswer("an answer that pg cannot read", { cause: error });
}
