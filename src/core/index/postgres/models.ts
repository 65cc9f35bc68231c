import { createHash } from "node:crypto";
import { ModelError } from "../../model/index.ts";
import type { SharedModels } from "../place.ts";
import { StoreError } from "../store.ts";
import type { Database } from "./database.ts";

/** The adapted models of a folder, kept in the database for all who use its indexes. */
export function databaseModels(database: Database, folder: string): SharedModels {
  return {
    async current(base) {
      const [row] = await database.query<{ fingerprint: string }>(
        "select fingerprint from lookalike.model where folder = $1 and base = $2",
        [folder, base],
      );
      return row?.fingerprint ?? null;
    },
    async fetch(base) {
      const [row] = await database.query<{ fingerprint: string; bytes: Buffer }>(
        "select fingerprint, bytes from lookalike.model where folder = $1 and base = $2",
        [folder, base],
      );
      if (row === undefined)
        throw new StoreError(`${database.title} has no adapted model of ${folder} any more. Try again.`);
      if (createHash("sha256").update(row.bytes).digest("hex") !== row.fingerprint) {
        throw new ModelError(`The adapted model of ${folder} in ${database.title} is not what was written.`);
      }
      return row.bytes;
    },
    async publish(base, fingerprint, bytes) {
      await database.query(
        `insert into lookalike.model (folder, base, fingerprint, bytes) values ($1, $2, $3, $4)
         on conflict (folder, base) do update set fingerprint = excluded.fingerprint, bytes = excluded.bytes`,
        [folder, base, fingerprint, Buffer.from(bytes)],
      );
    },
  };
}
