import fc from "fast-check";
import { expect, test } from "vitest";
import { encodeManifest, fingerprint, ModelError, readManifest } from "../../../src/core/model/index.ts";
import { GraphBuilder } from "../../../src/core/onnx/index.ts";
import { ATTENTION_KINDS, DESCRIPTOR_KINDS, type ModelManifest } from "../../../src/shared/index.ts";

function file(metadata: Readonly<Record<string, string>>): Uint8Array {
  const graph = new GraphBuilder("empty");
  graph.output(graph.op("Identity", [graph.input("x", "float32", [1])], {}, "y"), "float32", [1]);
  return graph.encode(metadata);
}

const size = fc.integer({ min: 1, max: 4096 });
const exponent = fc.double({ min: 0.01, max: 100, noNaN: true });
const branch = fc.record(
  {
    name: fc.stringMatching(/^[a-z][a-z0-9_]{0,8}$/),
    kind: fc.constantFrom(...DESCRIPTOR_KINDS),
    dim: size,
    tap: fc.nat(3),
    p: fc.oneof(exponent, fc.record({ min: exponent, mean: exponent, max: exponent })),
    levels: fc.integer({ min: 1, max: 8 }),
    attention: fc.constantFrom(...ATTENTION_KINDS),
    fc: fc.record({ bias: fc.boolean() }),
  },
  { requiredKeys: ["name", "kind", "dim", "tap"] },
);
const manifest: fc.Arbitrary<ModelManifest> = fc.record({
  format: fc.constant(1 as const),
  name: fc.string({ minLength: 1 }),
  backbone: fc.record({
    name: fc.string(),
    lastDownsampling: fc.constantFrom("kept" as const, "removed" as const),
    taps: fc.array(fc.record({ name: fc.string(), channels: size, height: size, width: size }), { minLength: 1 }),
  }),
  descriptors: fc.uniqueArray(branch, { minLength: 1, maxLength: 8, selector: ({ name }) => name }),
  input: fc.record({
    width: size,
    height: size,
    resize: fc.constant("squash" as const),
    background: fc.tuple(fc.nat(255), fc.nat(255), fc.nat(255)),
  }),
  weights: fc.record({ source: fc.string(), version: fc.string(), licence: fc.string() }),
  training: fc.option(fc.record({ method: fc.string(), images: size })),
  precision: fc.constantFrom("float32" as const, "float16" as const, "int8" as const),
  quantization: fc.record({ method: fc.string(), images: size, source: fc.string() }),
});

test("a manifest comes back as it was written", () => {
  fc.assert(
    fc.property(manifest, (written) => {
      expect(readManifest(file(encodeManifest(written)), "m.onnx")).toEqual(JSON.parse(JSON.stringify(written)));
    }),
  );
});

const EXAMPLE = fc.sample(manifest, { numRuns: 1, seed: 1 })[0]!;
const long = (change: object) => file({ lookalike: JSON.stringify({ ...EXAMPLE, ...change }) });
const TRAINED = { method: "x", images: 1 };
const MANY = Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [`b${i}`, 0.5]));

test.each([
  [
    "a text file",
    new TextEncoder().encode("this is a text file that someone renamed"),
    /text\.onnx is not an ONNX file/,
  ],
  ["an empty file", new Uint8Array(), /is not an ONNX file/],
  ["a truncated file", file(encodeManifest(EXAMPLE)).subarray(0, 150), /is not an ONNX file/],
  ["another ONNX file", file({ author: "x" }), /not a Lookalike model: it has no manifest/],
  ["a manifest that is no JSON", file({ lookalike: "{" }), /manifest of text\.onnx is damaged/],
  ["a newer format", file({ lookalike: JSON.stringify({ ...EXAMPLE, format: 2 }) }), /format 2.*Update Lookalike/],
  [
    "a manifest with a hole",
    file({ lookalike: JSON.stringify({ ...EXAMPLE, input: { ...EXAMPLE.input, width: 0 } }) }),
    /is not valid: input\.width/,
  ],
  [
    "a kind of descriptor that is not known",
    file({ lookalike: JSON.stringify({ ...EXAMPLE, descriptors: [{ ...EXAMPLE.descriptors[0], kind: "VLAD" }] }) }),
    /is not valid: descriptors\.0\.kind/,
  ],
  [
    "an exponent of zero",
    file({ lookalike: JSON.stringify({ ...EXAMPLE, descriptors: [{ ...EXAMPLE.descriptors[0], p: 0 }] }) }),
    /is not valid: descriptors\.0\.p/,
  ],
  [
    "two branches of one name",
    file({ lookalike: JSON.stringify({ ...EXAMPLE, descriptors: [1, 2].map(() => EXAMPLE.descriptors[0]) }) }),
    /names repeat/,
  ],
  [
    "a branch by a name that every object has",
    file({
      lookalike: JSON.stringify({ ...EXAMPLE, descriptors: [{ ...EXAMPLE.descriptors[0], name: "constructor" }] }),
    }),
    /a name that every object has/,
  ],
  ["a name of megabytes", long({ name: "n".repeat(5_000_000) }), /is not valid: name: Invalid length/],
  [
    "a branch with one",
    long({ descriptors: [{ ...EXAMPLE.descriptors[0], name: "n".repeat(5_000_000) }] }),
    /is not valid: descriptors\.0\.name: Invalid length/,
  ],
  [
    "losses without number",
    long({ training: { method: "x", images: 1, losses: new Array(1_000_000).fill("a") } }),
    /is not valid: training\.losses: Invalid length/,
  ],
  [
    "scores without number",
    long({ training: { ...TRAINED, scores: { metric: "recall@1", baseline: MANY, trained: {} } } }),
    /is not valid: training\.scores\.baseline: too many/,
  ],
  [
    "more images that it learned from than are kept",
    long({ training: { ...TRAINED, seen: "AAAAAAAA".repeat(1_000_000) } }),
    /is not valid: training\.seen: Invalid length/,
  ],
  ["no list of them", long({ training: { ...TRAINED, seen: "AAAAAAA*" } }), /training\.seen: no list of hashes/],
])("refuses %s with a sentence that names the file", (_, bytes, message) => {
  expect(() => readManifest(bytes, "text.onnx")).toThrow(message);
  expect(() => readManifest(bytes, "text.onnx")).toThrow(ModelError);
});

test("the fingerprint is the SHA-256 of the file", () => {
  expect(fingerprint(new TextEncoder().encode("abc"))).toBe(
    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
  );
});
