import { crc32 } from "node:zlib";
import { areFinite, fromFloat16, isWhole, toFloat16 } from "../float16.ts";
import type { EmbeddedImage } from "../store.ts";

/** The most values that a column of pgvector takes. */
export const MOST_VALUES = 16_000;

/** One index of a database. */
export interface PostgresIndex {
  readonly id: number;
  readonly dim: number;
  /** Whether embeddings are in the column of pgvector. */
  readonly vectors: boolean;
}

/** An embedding as a row of the database has it, in one of two forms. */
export interface StoredVector {
  readonly branches: Buffer | null;
  /** As pgvector sends it: number of values, two unused bytes, then float16, big endian. */
  readonly sent?: Buffer | null;
  /** As text, since a bigint. */
  readonly crc: string;
}

/** Columns of a `StoredVector`. */
export function vectorColumns(vectors: boolean, of = ""): string {
  const from = of === "" ? "" : `${of}.`;
  return `${from}branches, ${from}crc${vectors ? `, halfvec_send(${from}embedding) as sent` : ""}`;
}

/** float16, little endian, as in the SQLite form; null where there is none, or it is damaged. */
export function bytesOf({ branches, sent, crc }: StoredVector, dim: number): Buffer | null {
  const bytes =
    sent == null ? (branches ?? null) : sent.length === 4 + 2 * dim ? Buffer.from(sent.subarray(4)).swap16() : null;
  // Others may write into a database, with a right checksum too.
  return bytes !== null && isWhole(bytes, Number(crc), dim) && areFinite(bytes) ? bytes : null;
}

/** @returns false where it is damaged */
export function readInto(row: StoredVector, embedding: Float32Array): boolean {
  const bytes = bytesOf(row, embedding.length);
  if (bytes === null) return false;
  fromFloat16(bytes, embedding);
  return true;
}

/** What is written of images, a list per column. */
export function columnsOf(images: readonly EmbeddedImage[], dim: number, vectors: boolean): unknown[][] {
  const columns: unknown[][] = COLUMNS.map(() => []);
  for (const { image, embedding } of images) {
    if (embedding.length !== dim) throw new RangeError(`${embedding.length} values, expected ${dim}`);
    const { path, mtimeMs, ctimeMs, size, hash, width, height, partial = false } = image;
    const bytes = toFloat16(embedding);
    const row: unknown[] = [path, mtimeMs, ctimeMs, size, Buffer.from(hash), width, height, partial, crc32(bytes)];
    row.push(...(vectors ? [null, vectorText(bytes, dim)] : [bytes, null]));
    for (const [i, value] of row.entries()) columns[i]!.push(value);
  }
  return columns;
}

/** Name and type of each column that is written, in their order. */
export const COLUMNS: readonly (readonly [name: string, type: string])[] = [
  ["path", "text"],
  ["mtime_ms", "double precision"],
  ["ctime_ms", "double precision"],
  ["size", "bigint"],
  ["hash", "bytea"],
  ["width", "integer"],
  ["height", "integer"],
  ["partial", "boolean"],
  ["crc", "bigint"],
  ["branches", "bytea"],
  ["vector", "text"],
];

/** float16 values, little endian, as pgvector reads them, each exact. */
export function vectorText(bytes: Buffer, dim: number): string {
  let text = "";
  for (let i = 0; i < dim; i++) text += (i === 0 ? "[" : ",") + halfText(bytes.readUInt16LE(2 * i));
  return `${text}]`;
}

/** By bit pattern: writing numbers anew takes ten times as long. */
const HALVES: string[] = [];

/** The shortest text from which a server, by way of float32, reads the same float16. */
function halfText(bits: number): string {
  HALVES[bits] ??= shortest(Buffer.of(bits & 255, bits >> 8));
  return HALVES[bits];
}

function shortest(half: Buffer): string {
  const [value] = read(half);
  if (Object.is(value, -0)) return "-0";
  for (let digits = 1; digits < 9; digits++) {
    const text = String(Number(value!.toPrecision(digits)));
    if (toFloat16(Float32Array.of(Number(text))).equals(half)) return text;
  }
  return String(value);
}

function read(half: Buffer): Float32Array {
  const value = new Float32Array(1);
  fromFloat16(half, value);
  return value;
}

/** Float32 values as pgvector reads them. */
export function textOf(values: Float32Array): string {
  return `[${Array.from(values, (value) => (Object.is(value, -0) ? "-0" : String(value))).join(",")}]`;
}
