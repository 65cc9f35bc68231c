import { promises as fs } from "node:fs";
import { dirname, isAbsolute, join, relative } from "node:path";
import { type GraphProto, type ModelProto, type TensorProto, TensorProto_DataLocation } from "onnx-buf";
import { ModelError } from "../errors.ts";
import { tensorsOf } from "./graph.ts";

/** The whole model must fit a protobuf message again, with some room for the head. Bytes. */
const MAX_TOTAL = 2 ** 31 - 2 ** 24;

/**
 * Loads weights that a model keeps in files of their own into the model. Only files in the model's folder or below are
 * read: a model from the network must not reach any other file of this machine (the ONNX format asks for the same). Where
 * the model is a link itself, as all files in the cache of the hub's client are, its data may be one that leads into the
 * same folder as the model's.
 * @throws ModelError naming the file that is outside, missing, or shorter than the model says
 */
export async function inlineExternalData(model: ModelProto & { graph: GraphProto }, file: string): Promise<void> {
  const places = { folder: await fs.realpath(dirname(file)), linked: dirname(await fs.realpath(file)) };
  let total = 0;
  for (const tensor of externalTensors(model)) {
    const entries = new Map(tensor.externalData.map(({ key, value }) => [key, value]));
    const location = entries.get("location") ?? "";
    const data = await inside(places, location, file);
    const { size } = await fs.stat(data);
    const offset = whole(entries.get("offset") ?? "0");
    const length = whole(entries.get("length") ?? String(size - (offset ?? 0)));
    if (offset === undefined || length === undefined || offset + length > size) {
      throw new ModelError(
        `${file} looks for the weights "${tensor.name}" at a place that its data file ${location} does not have. ` +
          "One of the two is truncated, or they do not belong together: copy both again.",
      );
    }
    total += length;
    if (total > MAX_TOTAL) {
      throw new ModelError(
        `${file} and its data files have more than 2 GB, which one ONNX file cannot hold. Export a smaller network, ` +
          "or this one in float16.",
      );
    }
    tensor.rawData = await readPart(data, offset, length);
    tensor.externalData = [];
    tensor.dataLocation = TensorProto_DataLocation.DEFAULT;
  }
}

function externalTensors(model: ModelProto & { graph: GraphProto }): TensorProto[] {
  return [...tensorsOf(model.graph)].filter(({ dataLocation }) => dataLocation === TensorProto_DataLocation.EXTERNAL);
}

/** The real path of a data file. Links are followed first, so that none leads out of the folder. */
async function inside(
  { folder, linked }: { readonly folder: string; readonly linked: string },
  location: string,
  file: string,
): Promise<string> {
  const outside = (path: string) => path === "" || path.startsWith("..") || isAbsolute(path);
  const refused = () =>
    new ModelError(
      `${file} wants weights from "${location}", which is not in the model's folder. Put the data file beside the ` +
        "model and export again, or save the model as one file.",
    );
  if (isAbsolute(location) || outside(relative(folder, join(folder, location)))) throw refused();
  let path: string;
  try {
    path = await fs.realpath(join(folder, location));
  } catch (cause) {
    throw new ModelError(
      `${file} keeps its weights in ${location}, which is missing. Copy that file into the model's folder.`,
      { cause },
    );
  }
  if (outside(relative(folder, path)) && dirname(path) !== linked) throw refused();
  if (!(await fs.stat(path)).isFile()) {
    throw new ModelError(`${file} keeps its weights in ${location}, which is not a file. Copy the model again.`);
  }
  return path;
}

function whole(text: string): number | undefined {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  return Number.isSafeInteger(value) ? value : undefined;
}

async function readPart(path: string, offset: number, length: number): Promise<Uint8Array<ArrayBuffer>> {
  const handle = await fs.open(path);
  try {
    const bytes = new Uint8Array(length);
    for (let done = 0; done < length; ) {
      const { bytesRead } = await handle.read(bytes, done, Math.min(length - done, 2 ** 30), offset + done);
      if (bytesRead === 0) throw new ModelError(`${path} became shorter while it was read. Copy it again.`);
      done += bytesRead;
    }
    return bytes;
  } finally {
    await handle.close();
  }
}
