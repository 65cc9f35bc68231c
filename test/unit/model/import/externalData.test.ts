import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { create } from "@bufbuild/protobuf";
import { StringStringEntryProtoSchema, type TensorProto, TensorProto_DataLocation } from "onnx-buf";
import { afterEach, beforeEach, expect, test } from "vitest";
import { importModel } from "../../../../src/core/model/import/index.ts";
import * as net from "./networks.ts";

/** A folder with `net/model.onnx`, whose weights lie where the entries say. */
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lookalike-external-"));
  mkdirSync(join(folder, "net", "weights"), { recursive: true });
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function external(location: string, entries: Record<string, string> = {}): { file: string; data: Uint8Array } {
  const file = join(folder, "net", "model.onnx");
  let data = new Uint8Array();
  const bytes = net.changed(net.classifier(), ({ graph }) => {
    const tensor: TensorProto = graph!.initializer[0]!;
    data = tensor.rawData;
    tensor.rawData = new Uint8Array();
    tensor.dataLocation = TensorProto_DataLocation.EXTERNAL;
    const all = { location, offset: "16", length: String(data.length), ...entries };
    tensor.externalData = Object.entries(all).map(([key, value]) =>
      create(StringStringEntryProtoSchema, { key, value }),
    );
  });
  writeFileSync(file, bytes);
  return { file, data: Buffer.concat([new Uint8Array(16), data]) };
}

test.each(["weights.bin", "weights/a.bin", "weights/../weights.bin"])(
  "weights in %s are put into the model",
  async (location) => {
    const { file, data } = external(location);
    writeFileSync(join(dirname(file), location), data);
    const [out, plain] = [net.path(), net.path()];
    await importModel({ file, out });
    await importModel({ file: net.write(net.classifier()), out: plain });
    const image = net.pictures(2);
    expect(await net.run(readFileSync(out), { image })).toEqual(await net.run(plain, { image }));
  },
);

test("weights outside the model's folder are not read, by whatever way", async () => {
  const { data } = external("x");
  writeFileSync(join(folder, "secret.bin"), data);
  await net.expectRefused(external("../secret.bin").file, /"\.\.\/secret\.bin", which is not in the model's folder/);
  await net.expectRefused(external(join(folder, "secret.bin")).file, /which is not in the model's folder/);
  symlinkSync(join(folder, "secret.bin"), join(folder, "net", "link.bin"));
  await net.expectRefused(external("link.bin").file, /"link\.bin", which is not in the model's folder/);
  await net.expectRefused(external("").file, /which is not in the model's folder/);
});

test("weights that are missing, short or no file", async () => {
  await net.expectRefused(
    external("weights.bin").file,
    /keeps its weights in weights\.bin, which is missing\. Copy that file/,
  );
  await net.expectRefused(external("weights").file, /which is not a file/);
  const { file, data } = external("weights.bin");
  writeFileSync(join(folder, "net", "weights.bin"), data.subarray(0, 100));
  await net.expectRefused(file, /at a place that its data file weights\.bin does not have/);
  writeFileSync(join(folder, "net", "weights.bin"), data);
  await net.expectRefused(external("weights.bin", { offset: "-8" }).file, /at a place/);
  await net.expectRefused(external("weights.bin", { length: "8" }).file, /cannot be run: .*raw_data size \(8 bytes\)/);
  await net.expectRefused(external("weights.bin", { length: "99999999999999999999" }).file, /at a place/);
});

test("links of the hub's cache lead to weights that lie beside the model's own file, and nowhere else", async () => {
  const { file, data } = external("model.onnx_data");
  // blobs/<hash> and snapshots/<revision>/onnx/<name>, as the client of the hub lays them out.
  const [blobs, snapshot] = [join(folder, "blobs"), join(folder, "snapshots", "1f", "onnx")];
  mkdirSync(blobs);
  mkdirSync(snapshot, { recursive: true });
  writeFileSync(join(blobs, "aa"), readFileSync(file));
  writeFileSync(join(blobs, "bb"), data);
  symlinkSync(join("..", "..", "..", "blobs", "aa"), join(snapshot, "model.onnx"));
  symlinkSync(join("..", "..", "..", "blobs", "bb"), join(snapshot, "model.onnx_data"));
  const out = net.path();
  await importModel({ file: join(snapshot, "model.onnx"), out });

  writeFileSync(join(folder, "secret.bin"), data);
  rmSync(join(snapshot, "model.onnx_data"));
  symlinkSync(join("..", "..", "..", "secret.bin"), join(snapshot, "model.onnx_data"));
  await net.expectRefused(join(snapshot, "model.onnx"), /which is not in the model's folder/);
  // The model is no link: its data may not be one that leads out.
  writeFileSync(join(snapshot, "copy.onnx"), readFileSync(file));
  rmSync(join(snapshot, "model.onnx_data"));
  symlinkSync(join("..", "..", "..", "blobs", "bb"), join(snapshot, "model.onnx_data"));
  await net.expectRefused(join(snapshot, "copy.onnx"), /which is not in the model's folder/);
});
