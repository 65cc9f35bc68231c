import { basename, dirname, join } from "node:path";
import { isMissing, readRegularFileSync } from "../../files/index.ts";
import { readImageProcessor } from "./imageProcessor.ts";
import { readOpenClip } from "./openClip.ts";
import { readTimm } from "./timm.ts";
import { isObject, type Json, pixels, type TrainedWith } from "./trained.ts";

export type { Json, TrainedWith } from "./trained.ts";

/** Which files say how a network was fed, the one that says it best first. */
const READERS: readonly (readonly [string, (json: Json) => TrainedWith | undefined])[] = [
  ["preprocessor_config.json", readImageProcessor],
  ["processor_config.json", readImageProcessor],
  ["preprocess_cfg.json", readOpenClip],
  ["open_clip_config.json", readOpenClip],
  ["config.json", readTimm],
];

/** A configuration is a few thousand characters. */
const MAX_BYTES = 2 ** 20;
/** A card may hold tables of results. Bytes. */
const MAX_CARD = 2 ** 24;

/** What the files of a repository say of the network beside them. */
export interface Configs {
  /** Names of the files that were followed; none where there are none. */
  readonly files: readonly string[];
  readonly trained: TrainedWith;
  /** Side of a patch in pixels. */
  readonly patch?: number;
  /** The `config.json`, its part for images where it has parts; empty where there is none. */
  readonly network: Json;
  /** The `model_type` of the whole, such as `clip`; undefined where nothing says it. */
  readonly type?: string;
}

/**
 * Reads the configuration files beside a network or, as repositories have their ONNX files in a folder of their own, one
 * folder up. Links are not followed first: in the hub's cache the file is a link, and its neighbours lie beside the link.
 * What cannot be read or understood is passed over, and said.
 */
export function readConfigs(file: string): Configs {
  const folder = dirname(file);
  const beside = readFolder(folder, "");
  return beside.files.length > 0 ? beside : readFolder(dirname(folder), "../");
}

function readFolder(folder: string, shown: string): Configs {
  const files: string[] = [];
  const notes: string[] = [];
  let found: TrainedWith | undefined;
  const json = (name: string) => {
    try {
      return readJson(join(folder, name));
    } catch {
      notes.push(`${shown}${name} cannot be read and is passed over`);
      return undefined;
    }
  };
  for (const [name, reader] of READERS) {
    const content = json(name);
    const trained = content === undefined ? undefined : reader(content);
    if (trained === undefined) continue;
    files.push(shown + name);
    notes.push(...trained.notes.map((note) => `${shown}${name}: ${note}`));
    if (found !== undefined && contradicts(found, trained)) {
      notes.push(`${shown}${name} says otherwise than ${files[0]}, which is followed`);
    }
    // What the best file leaves open, the next one may say.
    found = { ...trained, ...found, notes: [] };
  }
  const config = json("config.json") ?? {};
  const network = isObject(config["vision_config"]) ? config["vision_config"] : config;
  const shape = shapeOf(network);
  if (shape !== undefined && !files.includes(`${shown}config.json`)) files.push(`${shown}config.json`);
  const licence = licenceOf(folder);
  return {
    files,
    trained: { ...shape?.size, ...(licence === undefined ? {} : { licence }), ...found, notes },
    ...(shape?.patch === undefined ? {} : { patch: shape.patch }),
    network,
    ...(typeof config["model_type"] === "string" ? { type: config["model_type"] } : {}),
  };
}

function contradicts(a: TrainedWith, b: TrainedWith): boolean {
  const said = ({ preprocessing: p, resize, kernel, width }: TrainedWith) => [p?.mean, p?.std, resize, kernel, width];
  const [first, second] = [said(a), said(b)];
  return first.some((value, i) => {
    const other = second[i];
    return value !== undefined && other !== undefined && JSON.stringify(value) !== JSON.stringify(other);
  });
}

/** @returns undefined where there is no such file */
function readJson(path: string): Json | undefined {
  let text: string;
  try {
    text = readRegularFileSync(path, MAX_BYTES).toString("utf8");
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
  const value: unknown = JSON.parse(text);
  if (!isObject(value)) throw new Error(`${basename(path)} holds no object`);
  return value;
}

/** Size of input and patches in a `config.json` of transformers. */
function shapeOf(config: Json): { size: Pick<TrainedWith, "width" | "height">; patch?: number } | undefined {
  const size = config["image_size"];
  const [height, width] = Array.isArray(size) ? [pixels(size[0]), pixels(size[1])] : [pixels(size), pixels(size)];
  const patch = config["patch_size"];
  const side = typeof patch === "number" && Number.isInteger(patch) && patch > 0 ? patch : undefined;
  if (side === undefined && width === undefined) return undefined;
  return {
    size: width === undefined || height === undefined ? {} : { width, height },
    ...(side === undefined ? {} : { patch: side }),
  };
}

/** What the card's head says, as `license: apache-2.0`. */
function licenceOf(folder: string): string | undefined {
  let text = "";
  try {
    text = readRegularFileSync(join(folder, "README.md"), MAX_CARD).toString("utf8");
  } catch {
    return undefined;
  }
  const head = /^---\r?\n([\s\S]{0,20000}?)\r?\n---/.exec(text)?.[1] ?? "";
  const field = (name: string) => new RegExp(`^${name}:[ \\t]*["']?([\\w.+-]+)`, "m").exec(head)?.[1];
  const licence = field("license");
  return licence === "other" ? (field("license_name") ?? licence) : licence;
}
