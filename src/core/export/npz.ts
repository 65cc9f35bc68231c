import { Zip, ZipPassThrough } from "fflate";
import type { Write } from "../files/index.ts";
import type { IndexSnapshot } from "../search/index.ts";
import { type VectorColumn, vectorColumns } from "./columns.ts";
import { ExportError } from "./errors.ts";
import { npyHeader, npySize, npyTexts, textLayout } from "./npy.ts";

/** Rows that are put together before they are written. */
const ROWS = 256;

/** Sizes and offsets of a plain zip file are 32 bits wide. */
const ZIP_LIMIT = 0xffff_ffff;

/** The same index gives the same bytes: each entry carries the earliest time that zip knows. */
const TIME = new Date(1980, 0, 1);

/**
 * Writes a `.npz` file for numpy: `paths`, a unicode array `[N]`, and per column a float32 array `[N, dim]`. The entries
 * are stored, not deflated: vectors hardly shrink. The index is gone through once per column, so that no matrix is held.
 * @throws ExportError where the file would be larger than a zip file can be
 */
export async function writeNpz(snapshot: IndexSnapshot, file: string, write: Write): Promise<void> {
  const { paths } = snapshot;
  const columns = vectorColumns(snapshot);
  const layout = textLayout(paths);
  const arrays = [
    { name: "paths", array: layout },
    ...columns.map((column) => ({ name: column.name, array: matrix(column, paths.length) })),
  ];
  const size = npzSize(arrays.map(({ name, array }) => ({ name, bytes: npySize(array) })));
  if (size > ZIP_LIMIT) {
    throw new ExportError(
      `${file} would have ${(size / 2 ** 30).toFixed(1)} GiB, and a .npz file ends at 4. ` +
        "Write a file that ends in .arrow, or export smaller folders one by one.",
    );
  }

  let pending: Uint8Array[] = [];
  const zip = new Zip((error, bytes) => {
    if (error !== null) throw error;
    pending.push(bytes);
  });
  const flush = async () => {
    const chunks = pending;
    pending = [];
    for (const chunk of chunks) await write(chunk);
  };
  const begin = (name: string) => {
    const entry = new ZipPassThrough(`${name}.npy`);
    entry.mtime = TIME;
    zip.add(entry);
    return entry;
  };

  const texts = begin("paths");
  texts.push(npyHeader(layout));
  for (let row = 0; row < paths.length; row += ROWS) {
    texts.push(npyTexts(paths.slice(row, row + ROWS), layout.width));
    await flush();
  }
  texts.push(new Uint8Array(), true);

  for (const column of columns) {
    const entry = begin(column.name);
    entry.push(npyHeader(matrix(column, paths.length)));
    let chunk = new Float32Array(ROWS * column.dim);
    let filled = 0;
    const push = async () => {
      // The entry keeps what it is given until it is written, so each chunk is an array of its own.
      entry.push(new Uint8Array(chunk.buffer, 0, filled * column.dim * 4));
      await flush();
      chunk = new Float32Array(ROWS * column.dim);
      filled = 0;
    };
    for await (const row of snapshot.rows()) {
      column.copy(row, chunk.subarray(filled * column.dim, (filled + 1) * column.dim));
      if (++filled === ROWS) await push();
    }
    await push();
    entry.push(new Uint8Array(), true);
  }
  zip.end();
  await flush();
}

function matrix({ dim }: VectorColumn, rows: number) {
  return { dtype: "<f4", shape: [rows, dim] };
}

/** Bytes of a zip file of stored entries, each with its header, data descriptor and place in the directory. */
function npzSize(entries: readonly { readonly name: string; readonly bytes: number }[]): number {
  const perEntry = ({ name, bytes }: (typeof entries)[number]) => 30 + 16 + 46 + 2 * (name.length + 4) + bytes;
  return entries.reduce((sum, entry) => sum + perEntry(entry), 22);
}
