import {
  AsyncByteQueue,
  Field,
  FixedSizeList,
  Float32,
  makeData,
  RecordBatch,
  RecordBatchFileWriter,
  Schema,
  Struct,
  type TypeMap,
  Utf8,
  vectorFromArray,
} from "apache-arrow";
import type { Write } from "../files/index.ts";
import type { IndexSnapshot } from "../search/index.ts";
import { type VectorColumn, vectorColumns } from "./columns.ts";

/** Rows per record batch. */
const ROWS = 256;

/** Takes what the writer writes, so that each batch goes to disk before the next one is made. */
class Chunks extends AsyncByteQueue {
  #chunks: Uint8Array[] = [];

  override write(bytes: Uint8Array): void {
    this.#chunks.push(bytes);
  }

  take(): readonly Uint8Array[] {
    const chunks = this.#chunks;
    this.#chunks = [];
    return chunks;
  }
}

/**
 * Writes an Arrow IPC file (also called Feather V2): `path` utf8, and per column a fixed-size list of float32. The
 * schema's metadata names the model and its fingerprint.
 */
export async function writeArrow(snapshot: IndexSnapshot, write: Write): Promise<void> {
  const columns = vectorColumns(snapshot);
  const { name, fingerprint } = snapshot.model;
  const schema = new Schema(
    [new Field("path", new Utf8()), ...columns.map((column) => new Field(column.name, listType(column)))],
    new Map([
      ["model", name],
      ["fingerprint", fingerprint],
    ]),
  );
  const chunks = new Chunks();
  const writer = new RecordBatchFileWriter().reset(chunks, schema);
  const flush = async () => {
    for (const chunk of chunks.take()) await write(chunk);
  };

  let at = 0;
  let batch: Float32Array[] = [];
  const finish = async () => {
    writer.write(recordBatch(schema, columns, snapshot.paths.slice(at, at + batch.length), batch));
    at += batch.length;
    batch = [];
    await flush();
  };
  for await (const row of snapshot.rows()) {
    batch.push(row.slice());
    if (batch.length === ROWS) await finish();
  }
  if (batch.length > 0) await finish();
  writer.close();
  await flush();
}

function listType({ dim }: VectorColumn): FixedSizeList<Float32> {
  return new FixedSizeList(dim, new Field("item", new Float32(), false));
}

function recordBatch(
  schema: Schema<TypeMap>,
  columns: readonly VectorColumn[],
  paths: readonly string[],
  rows: readonly Float32Array[],
): RecordBatch {
  const length = rows.length;
  const vectors = columns.map((column) => {
    const { dim } = column;
    const values = new Float32Array(length * dim);
    for (const [r, row] of rows.entries()) column.copy(row, values.subarray(r * dim, (r + 1) * dim));
    const child = makeData({ type: new Float32(), length: values.length, data: values });
    return makeData({ type: listType(column), length, child });
  });
  const path = vectorFromArray([...paths], new Utf8()).data[0]!;
  return new RecordBatch(schema, makeData({ type: new Struct(schema.fields), length, children: [path, ...vectors] }));
}
