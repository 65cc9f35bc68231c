import { brotliCompressSync, gzipSync, zstdCompressSync } from "node:zlib";
import { parquetWriteBuffer } from "hyparquet-writer";
import { describe, expect, test } from "vitest";
import { readAll, tableFile } from "./tables.ts";

type Options = Parameters<typeof parquetWriteBuffer>[0];

function parquet(options: Options): string {
  return tableFile(new Uint8Array(parquetWriteBuffer(options)), "parquet");
}

const STRING = { type: "BYTE_ARRAY", converted_type: "UTF8" } as const;

/** A table of the hub: `image` is a group of the picture's bytes and its path. */
function hubTable(rows: number, bytes: number): Options {
  const images = Array.from({ length: rows }, (_, i) => ({
    bytes: new Uint8Array(bytes).fill(i % 251),
    path: `cats/${i}.png`,
  }));
  return {
    schema: [
      { name: "root", num_children: 2 },
      { name: "image", num_children: 2, repetition_type: "OPTIONAL" },
      { name: "bytes", type: "BYTE_ARRAY", repetition_type: "OPTIONAL" },
      { name: "path", ...STRING, repetition_type: "OPTIONAL" },
      { name: "label", ...STRING, repetition_type: "OPTIONAL" },
    ],
    columnData: [
      { name: "image", data: images },
      { name: "label", data: images.map((_, i) => (i % 2 === 0 ? "cat" : "dog")) },
    ],
  };
}

/** A block of LZ4 in which nothing is shortened: all of it literals. */
function lz4Block(bytes: Uint8Array): Uint8Array {
  const rest = bytes.length - 15;
  if (rest < 0) return new Uint8Array([bytes.length << 4, ...bytes]);
  const lengths = [...Array.from({ length: Math.floor(rest / 255) }, () => 255), rest % 255];
  return new Uint8Array(Buffer.concat([Buffer.from([0xf0, ...lengths]), bytes]));
}

/** As Hadoop frames a block: sizes before and after, big endian. */
function hadoopLz4(bytes: Uint8Array): Uint8Array {
  const block = lz4Block(bytes);
  const sizes = Buffer.alloc(8);
  sizes.writeUInt32BE(bytes.length, 0);
  sizes.writeUInt32BE(block.length, 4);
  return new Uint8Array(Buffer.concat([sizes, block]));
}

describe("every codec", () => {
  const columnData: Options["columnData"] = [
    { name: "path", data: Array.from({ length: 300 }, (_, i) => `cats/${i}.png`), type: "STRING" },
    { name: "n", data: Array.from({ length: 300 }, (_, i) => i % 7), type: "INT32" },
  ];
  test.each([
    ["UNCOMPRESSED", undefined],
    ["SNAPPY", undefined],
    ["GZIP", (bytes: Uint8Array) => new Uint8Array(gzipSync(bytes))],
    ["BROTLI", (bytes: Uint8Array) => new Uint8Array(brotliCompressSync(bytes))],
    ["ZSTD", (bytes: Uint8Array) => new Uint8Array(zstdCompressSync(bytes))],
    ["LZ4_RAW", lz4Block],
    ["LZ4", hadoopLz4],
  ] as const)("%s", async (codec, compress) => {
    const compressors = compress === undefined ? {} : { compressors: { [codec]: compress } };
    const { columns, rows } = await readAll(parquet({ columnData, codec, ...compressors }));
    expect(columns).toEqual(["path", "n"]);
    expect(rows).toHaveLength(300);
    expect(rows[299]).toEqual(["cats/299.png", "5"]);
  });
});

test("pictures inside a table are no column, and neither read nor held", async () => {
  const file = parquet({ ...hubTable(200, 100_000), codec: "UNCOMPRESSED" });
  const before = process.memoryUsage().arrayBuffers;
  const { columns, rows } = await readAll(file, ["image.path", "label"]);
  expect(columns).toEqual(["image.path", "label", "image"]);
  expect(rows[3]).toEqual(["cats/3.png", "dog"]);
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(10e6);
  // As a whole the group is what can be read of it.
  expect((await readAll(file, ["image"])).rows[0]).toEqual(['{"path":"cats/0.png"}']);
});

test("bytes that nothing calls text are no column, unless the file is so old that it calls nothing text", async () => {
  const data = [new Uint8Array([0, 1, 2]), new TextEncoder().encode("plain")];
  const bytes = { name: "blob", data, type: "BYTE_ARRAY" } as const;
  const one = parquet({ columnData: [{ name: "path", data: ["a.png", "b.png"], type: "STRING" }, bytes] });
  expect((await readAll(one)).columns).toEqual(["path"]);
  // What is no text in such a file is empty.
  expect((await readAll(parquet({ columnData: [bytes] }))).rows).toEqual([[""], ["plain"]]);
});

test("nested fields, lists, dates and large numbers are written as a person would", async () => {
  const file = parquet({
    schema: [
      { name: "root", num_children: 4 },
      { name: "meta", num_children: 2, repetition_type: "OPTIONAL" },
      { name: "breed", ...STRING, repetition_type: "OPTIONAL" },
      { name: "age", type: "INT32", repetition_type: "OPTIONAL" },
      { name: "tags", num_children: 1, converted_type: "LIST", repetition_type: "OPTIONAL" },
      { name: "list", num_children: 1, repetition_type: "REPEATED" },
      { name: "element", ...STRING, repetition_type: "OPTIONAL" },
      { name: "taken", type: "INT64", converted_type: "TIMESTAMP_MILLIS", repetition_type: "OPTIONAL" },
      { name: "id", type: "INT64", repetition_type: "REQUIRED" },
    ],
    columnData: [
      { name: "meta", data: [{ breed: "beagle", age: 3 }, null] },
      { name: "tags", data: [["a", "b"], []] },
      { name: "taken", data: [new Date("2024-05-06T00:00:00Z"), null] },
      { name: "id", data: [9007199254740993n, 2n] },
    ],
  });
  const { columns, rows } = await readAll(file);
  expect(columns).toEqual(["meta.breed", "meta.age", "tags", "taken", "id", "meta"]);
  expect(rows).toEqual([
    ["beagle", "3", '["a","b"]', "2024-05-06T00:00:00.000Z", "9007199254740993", '{"breed":"beagle","age":3}'],
    ["", "", "[]", "", "2", ""],
  ]);
});

describe("what cannot be read is told in words of ours", () => {
  const whole = new Uint8Array(
    parquetWriteBuffer({ columnData: [{ name: "path", data: ["a.png", "b.png"], type: "STRING" }] }),
  );
  test.each([
    ["cut short", whole.slice(0, 40), /is cut short\. Copy or download it again/],
    ["no Parquet at all", "path,label\n", /is no Parquet file/],
    ["encrypted", Buffer.from("PARE0000PARE0000PARE"), /is encrypted/],
    ["a footer that is longer than the file", withLength(whole, 0x7fffffff), /is damaged/],
    [
      "a footer of zeros",
      withLength(Uint8Array.from([...whole.slice(0, 4), ...new Uint8Array(64), ...whole.slice(-8)]), 60),
      /is damaged, or of a kind of Parquet that is not read/,
    ],
  ])("%s", async (_, bytes, says) => {
    await expect(readAll(tableFile(bytes, "parquet"))).rejects.toThrow(says);
  });

  test("damaged anywhere in its description: words, or what can be read, and nothing else", async () => {
    const footer = whole.length - 8 - Buffer.from(whole).readUInt32LE(whole.length - 8);
    for (let at = footer; at < whole.length - 4; at++) {
      const bytes = Uint8Array.from(whole);
      bytes[at]! ^= 0x55;
      const outcome = await readAll(tableFile(bytes, "parquet")).catch((error: Error) => error);
      if (outcome instanceof Error) expect(outcome.name).toBe("TableError");
    }
  });

  test("more columns than are read, as a writer writes them, and a million that are only said", async () => {
    const column = (_: unknown, i: number) => ({ name: `c${i}`, data: ["a.png"], type: "STRING" as const });
    await expect(readAll(parquet({ columnData: Array.from({ length: 20_001 }, column) }))).rejects.toThrow(
      /has more than 20000 columns\. Choose a smaller table\./,
    );
    // A version, and a list of elements, of which none is there: reading them would find damage.
    const said = Buffer.from([0x15, 0x04, 0x19, 0xfc, 0xc0, 0x84, 0x3d]);
    const bytes = Buffer.concat([Buffer.from("PAR1"), said, Buffer.alloc(60), Buffer.alloc(4), Buffer.from("PAR1")]);
    await expect(readAll(tableFile(withLength(bytes, said.length + 60), "parquet"))).rejects.toThrow(
      /has more than 20000 columns/,
    );
  });

  test("30 million equal rows in a few bytes are refused by what the file says of itself", async () => {
    const table = { name: "path", data: Array.from({ length: 63 }, () => "a.png"), type: "STRING" } as const;
    const bytes = Buffer.from(parquetWriteBuffer({ columnData: [table] }));
    const file = tableFile(withRows(bytes, 63, 30_000_000), "parquet");
    await expect(readAll(file)).rejects.toThrow(/unfolds to more than is read: 10 million rows/);
  });
});

/** The file with another length of its footer. */
function withLength(bytes: Uint8Array, length: number): Uint8Array {
  const copy = Buffer.from(bytes);
  copy.writeUInt32LE(length, copy.length - 8);
  return copy;
}

/** The file with another number of rows in its description: every compact number of the old one is replaced. */
function withRows(bytes: Buffer, old: number, rows: number): Uint8Array {
  const length = bytes.readUInt32LE(bytes.length - 8);
  const footer = bytes.subarray(bytes.length - 8 - length, bytes.length - 8);
  const varint = (value: number) => {
    const out: number[] = [];
    for (let left = value * 2; left > 0; left = Math.floor(left / 128))
      out.push((left % 128) | (left >= 128 ? 128 : 0));
    return out;
  };
  const changed: number[] = [];
  for (const byte of footer) changed.push(...(byte === old * 2 ? varint(rows) : [byte]));
  const end = Buffer.alloc(8);
  end.writeUInt32LE(changed.length, 0);
  end.write("PAR1", 4);
  return Buffer.concat([bytes.subarray(0, bytes.length - 8 - length), Uint8Array.from(changed), end]);
}
