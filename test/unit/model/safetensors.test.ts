import { mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { expect, onTestFinished, test } from "vitest";
import { ModelError } from "../../../src/core/model/index.ts";
import { encodeSafetensors, readSafetensors, Safetensors } from "../../../src/core/model/safetensors.ts";

/** A file with the header given, and `size` bytes of data: 0, 1, 2, ... */
function fileOf(header: unknown, size: number): Uint8Array {
  const json = new TextEncoder().encode(typeof header === "string" ? header : JSON.stringify(header));
  const bytes = new Uint8Array(8 + json.length + size);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(json.length), true);
  bytes.set(json, 8);
  for (let i = 0; i < size; i++) bytes[8 + json.length + i] = i;
  return bytes;
}

function read(header: unknown, size: number): Safetensors {
  return new Safetensors(fileOf(header, size), "w.safetensors");
}

const tensor = (begin: number, end: number, shape = [(end - begin) / 4], dtype = "F32") => ({
  dtype,
  shape,
  data_offsets: [begin, end],
});

test("what is written is read back", () => {
  const a = { shape: [2, 3], values: Float32Array.of(1, -2, 3.5, 0, 1e-30, 1e30) };
  const b = { shape: [], values: Float32Array.of(7) };
  const bytes = encodeSafetensors(new Map(Object.entries({ a, b })), { format: "pt" });
  const file = new Safetensors(bytes, "w.safetensors");
  expect(file.names).toEqual(["a", "b"]);
  expect(file.metadata.get("format")).toBe("pt");
  expect(file.info("a")).toMatchObject({ dtype: "F32", shape: [2, 3] });
  expect(file.floats("a")).toEqual(a);
  expect(file.floats("b")).toEqual(b);
  expect(() => file.floats("c")).toThrow("w.safetensors has no tensor named c");
  const wrong = new Map([["x", { shape: [2, 2], values: Float32Array.of(1) }]]);
  expect(() => encodeSafetensors(wrong)).toThrow("x has 1 values");
});

test("half, bfloat16 and double become float32; other numbers are refused", () => {
  const values = [1.5, -0.25, 65504];
  const bytes = fileOf(
    {
      half: tensor(0, 6, [3], "F16"),
      brain: tensor(6, 12, [3], "BF16"),
      double: tensor(12, 36, [3], "F64"),
      count: tensor(36, 44, [], "I64"),
    },
    44,
  );
  const view = new DataView(bytes.buffer, bytes.length - 44);
  for (const [i, bits] of [0x3e00, 0xb400, 0x7bff].entries()) view.setUint16(i * 2, bits, true);
  for (const [i, bits] of [0x3fc0, 0xbe80, 0x4780].entries()) view.setUint16(6 + i * 2, bits, true);
  for (const [i, value] of values.entries()) view.setFloat64(12 + i * 8, value, true);
  const file = new Safetensors(bytes, "w.safetensors");
  expect([...file.floats("half").values]).toEqual(values);
  // 65504 has too many digits for bfloat16.
  expect([...file.floats("brain").values]).toEqual([1.5, -0.25, 65536]);
  expect([...file.floats("double").values]).toEqual(values);
  expect(() => file.floats("count")).toThrow("count in w.safetensors is of type I64");
});

test.each([
  ["cut short", { a: tensor(0, 8) }, 7, "is cut short"],
  ["bytes at the end", { a: tensor(0, 8) }, 9, "1 bytes at its end belong to no tensor"],
  ["overlap", { a: tensor(0, 8), b: tensor(4, 12) }, 12, "b overlaps another tensor"],
  ["gap", { a: tensor(0, 8), b: tensor(12, 16) }, 16, "b leaves a gap"],
  ["shape and bytes disagree", { a: tensor(0, 8, [3]) }, 8, "a should have 12 bytes, not 8"],
  ["end before begin", { a: tensor(8, 0, [2]) }, 8, "a should have 8 bytes, not -8"],
  ["huge shape", { a: tensor(0, 8, [2 ** 52, 2 ** 52]) }, 8, "a should have"],
  ["unknown type", { a: tensor(0, 8, [2], "F31") }, 8, "a: "],
  ["negative offset", { a: tensor(-4, 4) }, 8, "a: "],
  ["fraction", { a: tensor(0, 8, [0.5]) }, 8, "a: "],
  ["another field", { a: { ...tensor(0, 8), more: 1 } }, 8, "a: "],
  ["metadata that is no text", { __metadata__: { a: 1 } }, 0, "__metadata__: "],
  ["no JSON", "{nothing", 0, "is not a safetensors file"],
  ["a list", "[]", 0, "is not a safetensors file"],
])("refuses: %s", (_, header, size, message) => {
  expect(() => read(header, size)).toThrow(ModelError);
  expect(() => read(header, size)).toThrow(message);
});

test("refuses files of another kind, and says which", () => {
  const folder = mkdtempSync(join(tmpdir(), "lookalike-safetensors-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const text = join(folder, "text.safetensors");
  writeFileSync(text, "These are not the weights you are looking for.");
  expect(() => readSafetensors(text)).toThrow(`${text} is not a safetensors file`);
  const empty = join(folder, "empty.safetensors");
  writeFileSync(empty, "");
  expect(() => readSafetensors(empty)).toThrow(`${empty} is not a safetensors file`);
  expect(() => readSafetensors(join(folder, "none"))).toThrow(/none cannot be read: ENOENT/);
  expect(() => readSafetensors(folder)).toThrow(/cannot be read: EISDIR/);
  // A file of holes: takes no room.
  truncateSync(empty, 2 ** 30 + 1);
  expect(() => readSafetensors(empty)).toThrow("has 1.1 GB");
});

test("tensors without number are refused before any of them is looked at", () => {
  const many = Object.fromEntries(Array.from({ length: 60_000 }, (_, i) => [`t${i}`, "no tensor"]));
  expect(() => read(many, 0)).toThrow("w.safetensors has more than 50000 tensors");
});

test("a damaged file gives a ModelError or its tensors, never anything else", () => {
  const sound = encodeSafetensors(
    new Map(
      Object.entries({
        a: { shape: [4], values: new Float32Array(4) },
        b: { shape: [1, 2], values: new Float32Array(2) },
      }),
    ),
    { format: "pt" },
  );
  const openAll = (bytes: Uint8Array): void => {
    try {
      const file = new Safetensors(bytes, "w.safetensors");
      for (const name of file.names) file.floats(name);
    } catch (error) {
      expect(error).toBeInstanceOf(ModelError);
    }
  };
  const flips = fc.array(fc.tuple(fc.nat(sound.length - 1), fc.nat(255)), { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(flips, fc.nat(sound.length), (changes, length) => {
      const bytes = Uint8Array.from(sound);
      for (const [at, value] of changes) bytes[at] = value;
      openAll(bytes);
      openAll(bytes.subarray(0, length));
    }),
    { numRuns: 2000 },
  );
  const entry = fc.oneof(
    fc.jsonValue(),
    fc.record({
      dtype: fc.constantFrom("F32", "I64", "F16", "F31"),
      shape: fc.array(fc.integer({ min: -1, max: 4 })),
      data_offsets: fc.array(fc.integer({ min: -1, max: 40 }), { minLength: 1, maxLength: 3 }),
    }),
  );
  fc.assert(
    fc.property(fc.dictionary(fc.oneof(fc.string(), fc.constant("__proto__")), entry), fc.nat(40), (header, size) => {
      openAll(fileOf(header, size));
    }),
    { numRuns: 2000 },
  );
  fc.assert(fc.property(fc.uint8Array(), openAll));
});
