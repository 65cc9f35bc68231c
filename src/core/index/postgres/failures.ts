import { StoreError } from "../store.ts";
import { StrangeAnswer, TooMuch } from "./answers.ts";

/** PostgreSQL's five-character code of an error, or the system's; empty where there is none. */
export function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}

const NETWORK = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "EPIPE",
  "ETIMEDOUT",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENETDOWN",
  "EAI_AGAIN",
  "ENOENT",
]);
/**
 * Class 08: the connection; 57P01-03: the server stops or starts; 53300: no connection is free; 40001, 40P01: another
 * transaction was in the way; 55P03: a lock was; 57014: somebody cancelled the statement.
 */
const PASSING = /^(08\w{3}|57P0[123]|53300|40001|40P01|55P03|57014)$/;
const LOST =
  /connection (was )?terminated|connection error|timeout exceeded when trying to connect|read timeout|timeout expired/i;

/** Whether the same statement may well succeed in a moment. */
export function isPassing(error: unknown): boolean {
  const code = codeOf(error);
  return PASSING.test(code) || NETWORK.has(code) || (error instanceof Error && LOST.test(error.message));
}

/** An error of the database as one for users: what happened, where, what to do. Other errors stay what they are. */
export function inPlainWords(title: string, error: unknown): unknown {
  if (error instanceof StoreError || !(error instanceof Error)) return error;
  const what = whatHappened(error);
  return what === null
    ? error
    : new StoreError(`The database ${title} ${what}`, { cause: error, wantsPassword: wantsPassword(error) });
}

/** 28P01: it is wrong; the library says it where the server asks and there is none. */
function wantsPassword(error: Error): boolean {
  return codeOf(error) === "28P01" || WITHOUT_PASSWORD.test(error.message);
}

const WITHOUT_PASSWORD = /SASL.*password|password must be a string/i;

/** The server has no rule by which this user may come in, whatever the password. */
function notLetIn(message: string): string {
  if (/no pg_hba\.conf entry.*no encryption/.test(message)) {
    return (
      `takes this user over an encrypted connection only (${message}). Add sslmode=verify-full to the address, and sslrootcert=<file> ` +
      "where its certificate is one of your own."
    );
  }
  if (/no pg_hba\.conf entry/.test(message)) {
    return `does not let this user in from this machine (${message}). Whoever runs it adds the rule; no password helps.`;
  }
  return `refuses this user (${message}). Correct the user in the address, or ask whoever runs it.`;
}

function whatHappened(error: Error): string | null {
  const code = codeOf(error);
  const { message } = error;
  if (code === "53100")
    return "cannot grow: its disk is full. What was indexed is kept; make room there, then index again.";
  if (code === "25006") {
    return "is a read-only copy: it can be searched, and not written. Name the primary server to index.";
  }
  if (code === "42501") {
    return `does not let this user do that (${message}). Ask its owner for the rights of a reader or an indexer (docs/scale.md).`;
  }
  if (code === "28000") return notLetIn(message);
  if (code === "28P01") {
    return `refuses this user (${message}). Give the password by PGPASSWORD or ~/.pgpass, or in VS Code by Lookalike: Set Database Password.`;
  }
  if (WITHOUT_PASSWORD.test(message)) {
    return "asks for a password. Give it by PGPASSWORD or ~/.pgpass, or in VS Code by Lookalike: Set Database Password.";
  }
  if (code === "3D000") return `is not there (${message}). Create it, or correct the address.`;
  if (code === "23503") return "has lost this index meanwhile: somebody deleted it. Index the folder again.";
  // What node would be started with is nothing that a user can do.
  const certificate = message.replace(/; if the root CA is installed locally.*/, "");
  if (/CERT|SELF_SIGNED|UNABLE_TO_VERIFY|ALTNAME/.test(code) || /SSL connections|certificate/i.test(message)) {
    return (
      `cannot be reached over a verified connection (${certificate}). Name its root certificate by sslrootcert=<file>, or, where the ` +
      "network is trusted, add sslmode=require or sslmode=disable to the address."
    );
  }
  if (code === "ENOTFOUND") return `cannot be found (${message}). Check the host in the address.`;
  if (isPassing(error)) {
    return `does not answer (${message}). What was acknowledged is kept; try again once it does.`;
  }
  if (/^[0-9A-Z]{5}$/.test(code)) return `cannot be used (${code}: ${message}).`;
  if (error instanceof TooMuch) {
    return `sends more than this process can hold (${message}). Check that the address is the right one, or index parts of the folder.`;
  }
  // What the library makes of a server's error; every one has a code of five characters, which was looked for above.
  if ("severity" in error) return strange(new StrangeAnswer("an error without a code"));
  return error instanceof StrangeAnswer ? strange(error) : null;
}

/** Neither the library nor the statements here know what to do with it. */
function strange({ message }: StrangeAnswer): string {
  return (
    `gives an answer that is none of a PostgreSQL with the tables of Lookalike (${message}). Check that the address is the right one. Where ` +
    "somebody changed its tables, whoever runs it drops the schema lookalike; then index again."
  );
}
