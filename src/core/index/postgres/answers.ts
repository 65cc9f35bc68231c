import type { QueryResult } from "pg";

/** What a column of an answer holds. A time may be no number: then its file is taken for changed. */
type Kind = "text" | "digits" | "number" | "time" | "bytes" | "truth";

/** Of every statement here, by the column's name. A database that others made, or changed, may answer anything. */
const KINDS: Readonly<Record<string, Kind>> = {
  ...{ path: "text", reason: "text", kind: "text", fingerprint: "text", model: "text", name: "text", key: "text" },
  ...{ value: "text", server: "text", vector: "text", mark: "text", crc: "digits" },
  ...{ id: "number", dim: "number", count: "number", rows: "number", images: "number", distinct: "number" },
  ...{ skipped: "number", taken: "number", changes: "number", pid: "number", width: "number", height: "number" },
  ...{ mtimeMs: "time", ctimeMs: "time", size: "time" },
  ...{ hash: "bytes", branches: "bytes", sent: "bytes", bytes: "bytes" },
  ...{ partial: "truth", held: "truth", twice: "truth", there: "truth", may: "truth", has: "truth" },
  ...{ copy: "truth", got: "truth", valid: "truth" },
};
/** Columns that may be null. */
const NULLABLE = new Set(["ctimeMs", "kind", "vector", "branches", "sent"]);

/** What no server says that is a PostgreSQL with the tables of Lookalike. */
export class StrangeAnswer extends Error {
  override readonly name: string = "StrangeAnswer";
}

/** An answer that would not leave memory for anything else, whoever is to blame. */
export class TooMuch extends Error {
  override readonly name: string = "TooMuch";
  constructor(bytes: number) {
    super(`beyond ${Math.round(bytes / 2 ** 20)} MB in one answer`);
  }
}

const FITS: Readonly<Record<Kind, (value: unknown) => boolean>> = {
  text: (value) => typeof value === "string",
  digits: (value) => typeof value === "string" && /^\d+$/.test(value),
  number: (value) => Number.isFinite(value),
  time: (value) => typeof value === "number",
  bytes: (value) => value instanceof Uint8Array,
  truth: (value) => typeof value === "boolean",
};

/**
 * The rows of an answer.
 * @throws StrangeAnswer where a column is not what it is in the tables of Lookalike
 */
export function rowsOf<Row extends object>(answer: Pick<QueryResult, "fields" | "rows">): Row[] {
  // pg gives a list where a server says twice that it is done.
  if (Array.isArray(answer)) throw new StrangeAnswer("several answers to one question");
  const { fields, rows } = answer;
  for (const { name } of fields) {
    const kind = KINDS[name];
    if (kind === undefined) {
      // What has no name that is asked for: the answer of a function.
      if (name === "?column?" || name === "set_config" || name.startsWith("pg_")) continue;
      throw new StrangeAnswer(`a column ${name.slice(0, 60)}`);
    }
    const fits = FITS[kind];
    const mayBeNull = NULLABLE.has(name);
    for (const row of rows as Readonly<Record<string, unknown>>[]) {
      const value = row[name];
      if (value === null ? !mayBeNull : !fits(value)) throw new StrangeAnswer(`${name} is not ${kind}`);
    }
  }
  return rows as Row[];
}

/** The first row of an answer that always has one. @throws StrangeAnswer */
export function firstOf<Row>(rows: readonly Row[]): Row {
  const [row] = rows;
  if (row === undefined) throw new StrangeAnswer("no row");
  return row;
}
