import { extname, resolve } from "node:path";
import { parquetWriteBuffer } from "hyparquet-writer";
import { guardFormula } from "../../shared/index.ts";
import { writeFileAtomically } from "../files/index.ts";
import { ProjectionError } from "./errors.ts";
import type { Projection } from "./projection.ts";

type Format = "csv" | "json" | "parquet";

/** @throws ProjectionError that names the endings, for a file with none of them */
export function layoutFormat(file: string): Format {
  const ending = extname(file).toLowerCase().slice(1);
  if (ending === "csv" || ending === "json" || ending === "parquet") return ending;
  throw new ProjectionError(`${file}: the ending chooses the format. Use .csv, .json or .parquet.`);
}

/**
 * Writes coordinates: one row per image with `path`, and `<descriptor>_x` and `<descriptor>_y` per map. CSV as in RFC 4180,
 * JSON as an array of objects, Parquet with float columns.
 * @param descriptors maps to write, in this order
 * @param rows images to write, in this order; all where absent
 * @param guardFormulas in CSV, paths that a spreadsheet would take for formulas are marked as text
 * @throws FileError where the file cannot be written; what was there stays
 */
export async function writeLayout(
  projection: Projection,
  descriptors: readonly string[],
  file: string,
  rows: readonly number[] = [...projection.paths.keys()],
  guardFormulas = false,
): Promise<void> {
  const format = layoutFormat(file);
  const columns = descriptors.flatMap((descriptor) => {
    const { points } = projection.maps.get(descriptor)!;
    const axis = (offset: number) => Float32Array.from(rows, (row) => points[2 * row + offset]!);
    return [
      { name: `${descriptor}_x`, values: axis(0) },
      { name: `${descriptor}_y`, values: axis(1) },
    ];
  });
  const guarded = guardFormulas && format === "csv";
  const paths = rows.map((row) => (guarded ? guardFormula(projection.paths[row]!) : projection.paths[row]!));
  const content = { csv, json, parquet }[format](paths, columns);
  const target = resolve(file);
  await writeFileAtomically(target, typeof content === "string" ? Buffer.from(content) : content);
}

interface Column {
  readonly name: string;
  /** float32 `[count]`. */
  readonly values: Float32Array;
}

function csv(paths: readonly string[], columns: readonly Column[]): string {
  const header = ["path", ...columns.map(({ name }) => name)].map(quoted).join(",");
  const rows = paths.map((path, row) =>
    [quoted(path), ...columns.map(({ values }) => shortest(values[row]!))].join(","),
  );
  return [header, ...rows, ""].join("\r\n");
}

function json(paths: readonly string[], columns: readonly Column[]): string {
  const rows = paths.map((path, row) =>
    JSON.stringify({
      path,
      ...Object.fromEntries(columns.map(({ name, values }) => [name, Number(shortest(values[row]!))])),
    }),
  );
  return rows.length === 0 ? "[]\n" : `[\n${rows.join(",\n")}\n]\n`;
}

function parquet(paths: readonly string[], columns: readonly Column[]): Uint8Array {
  const buffer = parquetWriteBuffer({
    columnData: [
      { name: "path", data: [...paths], type: "STRING" },
      ...columns.map(({ name, values }) => ({ name, data: values, type: "FLOAT" as const })),
    ],
  });
  return new Uint8Array(buffer);
}

/** As few digits as bring the float32 back. */
function shortest(value: number): string {
  for (let digits = 6; digits < 9; digits++) {
    const text = value.toPrecision(digits);
    if (Math.fround(Number(text)) === value) return String(Number(text));
  }
  return String(Number(value.toPrecision(9)));
}

function quoted(cell: string): string {
  return /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
