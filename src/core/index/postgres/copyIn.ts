import type { PoolClient } from "pg";

/** Of a chunk of COPY's text. Bytes. */
const CHUNK = 1 << 16;

/** What pg has for COPY, beside its typed face: a query of its own kind gets the server's messages. */
interface CopyConnection {
  query(text: string): void;
  sendCopyFromChunk(chunk: Buffer): void;
  endCopyFrom(): void;
}

/**
 * Fills a table by COPY, in its text format.
 * @param table and columns: our own names
 * @param rows lists of values, as long as there are columns
 */
export async function copyIn(
  client: PoolClient,
  table: string,
  columns: readonly string[],
  rows: Iterable<readonly unknown[]>,
): Promise<void> {
  await new Promise<void>((done, fail) => {
    let failure: Error | undefined;
    const broken = (error: Error = new Error("Connection terminated")) => fail(error);
    const ended = (error: Error | undefined) => {
      client.off("error", broken).off("end", broken);
      if (error === undefined) done();
      else fail(error);
    };
    const query = {
      submit: (connection: CopyConnection) => connection.query(`copy ${table} (${columns.join(", ")}) from stdin`),
      handleCopyInResponse(connection: CopyConnection) {
        let text = "";
        for (const row of rows) {
          text += `${row.map(copyText).join("\t")}\n`;
          if (text.length < CHUNK) continue;
          connection.sendCopyFromChunk(Buffer.from(text));
          text = "";
        }
        if (text !== "") connection.sendCopyFromChunk(Buffer.from(text));
        connection.endCopyFrom();
      },
      handleError(error: Error) {
        // After what the server says it is ready again; where it says nothing for too long, it is not.
        if ("severity" in error) failure = error;
        else fail(error);
      },
      handleCommandComplete() {},
      handleReadyForQuery: () => ended(failure),
    };
    // A connection that breaks tells it as an error, with no "ready" after it.
    client.once("error", broken).once("end", broken);
    (client.query as unknown as (submittable: object) => void).call(client, query);
  });
}

/** A value in COPY's text format: a backslash before what parts rows and columns. */
function copyText(value: unknown): string {
  if (value === null || value === undefined) return "\\N";
  if (Buffer.isBuffer(value)) return `\\\\x${value.toString("hex")}`;
  return String(value).replace(/[\\\t\n\r]/g, (character) => ESCAPES[character]!);
}

const ESCAPES: Readonly<Record<string, string>> = { "\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r" };
