/** Models that say one thing and do another: they are tried in a process of their own, and refused with the reason. */
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { create } from "@bufbuild/protobuf";
import { NodeProtoSchema, TensorProto_DataType, TensorProtoSchema } from "onnx-buf";
import { afterEach, beforeEach, expect, test } from "vitest";
import { proveModel, TrialProcess } from "../../../../src/core/model/import/index.ts";
import { ModelShelf } from "../../../../src/core/models/index.ts";
import { GraphBuilder } from "../../../../src/core/onnx/index.ts";
import { tinyModel } from "../../../fixtures/tinyModel.ts";
import { endlessScalar } from "./hostile.ts";
import { changed } from "./networks.ts";

/** A model whose branch `spoc` goes through further nodes; `raw` is what it was. */
const spoiled = (nodes: readonly { op: string; input: string[]; output: string }[], constants = {}) =>
  changed(tinyModel("tiny", "SM"), ({ graph }) => {
    for (const node of graph!.node) {
      node.output = node.output.map((name) => (name === "spoc" ? "raw" : name));
      node.input = node.input.map((name) => (name === "spoc" ? "raw" : name));
    }
    for (const [name, value] of Object.entries(constants)) {
      const floatData = [value as number];
      graph!.initializer.push(create(TensorProtoSchema, { name, dataType: TensorProto_DataType.FLOAT, floatData }));
    }
    graph!.node.push(
      ...nodes.map(({ op, input, output }) => create(NodeProtoSchema, { opType: op, input, output: [output] })),
    );
  });

const says = (change: (manifest: { input: { width: number }; descriptors: { dim: number }[] }) => void) =>
  changed(tinyModel("tiny", "SM"), ({ metadataProps }) => {
    const entry = metadataProps.find(({ key }) => key === "lookalike")!;
    const manifest = JSON.parse(entry.value);
    change(manifest);
    entry.value = JSON.stringify(manifest);
  });

const HOSTILE: readonly [string, () => Uint8Array, RegExp][] = [
  [
    "says another width",
    () => says(({ descriptors }) => (descriptors[0]!.dim = 4)),
    /gives float32 \[1, 3\] as "spoc", and its manifest says float32 \[1, 4\]/,
  ],
  [
    "asks for a huge picture",
    () => says(({ input }) => (input.width = 30_000)),
    /manifest .* is not valid: input\.width/,
  ],
  [
    "gives no numbers",
    () => spoiled([{ op: "Mul", input: ["raw", "x"], output: "spoc" }], { x: Number.NaN }),
    /values that are not finite in "spoc"/,
  ],
  [
    "has no norm of 1",
    () => spoiled([{ op: "Mul", input: ["raw", "x"], output: "spoc" }], { x: 2 }),
    /branch "spoc" .* has a norm of 2\.00 instead of 1/,
  ],
  [
    "throws dice",
    () =>
      spoiled(
        [
          { op: "RandomNormalLike", input: ["raw"], output: "dice" },
          { op: "Add", input: ["raw", "dice"], output: "sum" },
          { op: "LpNormalization", input: ["sum"], output: "spoc" },
        ],
        {},
      ),
    /another embedding for the same picture each time/,
  ],
];

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "lookalike-prove-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

test.each(HOSTILE)("a model that %s is refused", async (_, make, message) => {
  await expect(proveModel(make(), "m.onnx")).rejects.toThrow(message);
});

test("nothing unproven is installed, chosen or found; a proof is made once", async () => {
  writeFileSync(join(root, "built-in.onnx"), tinyModel("built-in"));
  const shelf = new ModelShelf(join(root, "built-in.onnx"), join(root, "models"));
  const bad = join(root, "bad.onnx");
  writeFileSync(bad, HOSTILE[2]![1]());
  for (const use of [() => shelf.install(bad), () => shelf.select(bad), () => shelf.find(bad)]) {
    await expect(use()).rejects.toThrow(/bad\.onnx gives values that are not finite/);
  }
  expect(await shelf.selected()).toEqual({ file: join(root, "built-in.onnx") });
  const good = join(root, "good.onnx");
  writeFileSync(good, tinyModel("good"));
  await shelf.install(good);
  expect(await shelf.find("good")).toBe(join(root, "models", "good.onnx"));
  expect(readdirSync(join(root, "proven"))).toHaveLength(1);
  expect(await shelf.find("default")).toBe(join(root, "built-in.onnx"));

  // Replaced behind the shelf's back.
  writeFileSync(join(root, "models", "good.onnx"), HOSTILE[2]![1]());
  await expect(shelf.installed("good")).rejects.toThrow(/not finite/);
  await shelf.select("default");
  expect((await shelf.list()).map(({ name }) => name)).toEqual(["mobilenetv2-smg", "good"]);
});

/** Loads a network without input, runs it, and says how that ended. */
async function run(network: Uint8Array, patience: number, memory: number): Promise<string> {
  const load = join(root, "network.onnx");
  writeFileSync(load, network);
  const trial = new TrialProcess(patience);
  const options = { executionProviders: ["cpu"], graphOptimizationLevel: "disabled" } as const;
  try {
    await trial.request({ load, options, memory });
    await trial.request({ feeds: {}, fetches: ["y"], shapesOnly: true });
    return "answered";
  } catch (error) {
    return String(error);
  } finally {
    trial.end();
  }
}

/** Adds up `rows` x 2^20 ones. */
function filling(rows: number): Uint8Array {
  const graph = new GraphBuilder("filling");
  const ones = graph.op("Expand", [graph.scalar(1), graph.ints([rows, 1 << 20])]);
  graph.output(graph.op("Mul", [ones, ones], {}, "y"), "float32", [rows, 1 << 20]);
  return graph.encode();
}

test("what takes more memory than it may is ended, and that is the reason", async () => {
  expect(await run(filling(8), 30_000, 600 << 20)).toBe("answered");
  // 2 GB, twice.
  expect(await run(filling(512), 30_000, 600 << 20)).toMatch(/TrialEnded: it took more memory than it may/);
}, 60_000);

test("what never ends is ended, and that is the reason", async () => {
  expect(await run(endlessScalar(), 2_000, 2 ** 32)).toMatch(/TrialEnded: no answer within 2 s/);
}, 60_000);
