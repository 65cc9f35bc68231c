import { isInside } from "../insideOnly.ts";
import type { SharedThumbnails } from "../place.ts";
import { type Database, LONG } from "./database.ts";

/** Thumbnails of a folder's images for machines that do not have the files. */
export function databaseThumbnails(database: Database, folder: string): SharedThumbnails {
  return {
    async get(hash) {
      const [row] = await database.query<{ width: number; height: number; bytes: Buffer }>(
        "select width, height, bytes from lookalike.thumbnail where folder = $1 and hash = $2",
        [folder, Buffer.from(hash)],
      );
      return row;
    },
    async missing(fingerprint) {
      const rows = await database.query<{ path: string; hash: Buffer }>(
        `select path, hash from lookalike.image i join lookalike.indexes x on x.id = i.index_id
         where x.folder = $1 and x.fingerprint = $2
           and not exists (select 1 from lookalike.thumbnail t where t.folder = $1 and t.hash = i.hash)
         order by path`,
        [folder, fingerprint],
        LONG,
      );
      return rows.filter(({ path }) => isInside(path));
    },
    async put(thumbnails) {
      await database.query(
        `insert into lookalike.thumbnail (folder, hash, width, height, bytes)
         select $1, * from unnest($2::bytea[], $3::int[], $4::int[], $5::bytea[])
         on conflict (folder, hash) do nothing`,
        [
          folder,
          thumbnails.map(({ hash }) => Buffer.from(hash)),
          thumbnails.map(({ width }) => width),
          thumbnails.map(({ height }) => height),
          thumbnails.map(({ bytes }) => Buffer.from(bytes)),
        ],
      );
    },
    async prune() {
      await database.query(
        `delete from lookalike.thumbnail t where folder = $1 and not exists (
           select 1 from lookalike.image i join lookalike.indexes x on x.id = i.index_id
           where x.folder = $1 and i.hash = t.hash
         )`,
        [folder],
        LONG,
      );
    },
  };
}
