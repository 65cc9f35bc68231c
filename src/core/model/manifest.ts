import { createHash } from "node:crypto";
import * as v from "valibot";
import { ATTENTION_KINDS, DESCRIPTOR_KINDS, type ModelManifest, RESIZE_KERNELS } from "../../shared/index.ts";
import { readMetadata } from "../onnx/index.ts";
import { ModelError } from "./errors.ts";
import { MOST_SEEN } from "./seenImages.ts";

/** Key of the manifest in the file's `metadata_props`. */
export const MANIFEST_KEY = "lookalike";

const count = v.pipe(v.number(), v.integer(), v.minValue(1));
const byte = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(255));
/** Scores are kept by these names in plain objects, which have a `constructor` of their own. */
const name = v.pipe(
  v.string(),
  v.maxLength(100),
  v.regex(/^[a-z][a-z0-9_]*$/),
  v.check((text) => !(text in {}), "a name that every object has"),
);
/** Of a text that a manifest takes over from somewhere else. Characters. */
export const LONGEST_TEXT = 1000;
/** What is shown of a model, in lists and messages; some of them are made of several. */
const shown = v.pipe(v.string(), v.maxLength(10 * LONGEST_TEXT));
const exponent = v.pipe(v.number(), v.gtValue(0));

/** Of a picture before it is cut, in pixels: a foreign file must not ask for one that takes all memory. */
const side = v.pipe(count, v.maxValue(8192));
const halves = v.picklist(["down", "even"]);

const recalls = v.pipe(
  v.record(shown, v.pipe(v.number(), v.minValue(0), v.maxValue(1))),
  v.check((scores) => Object.keys(scores).length <= 100, "too many"),
);
/** Of images that a model has learned from (`seenImages`), in base64: 6 bytes each. */
const hashes = v.pipe(
  v.string(),
  v.maxLength(8 * MOST_SEEN),
  v.check((text) => text.length % 8 === 0 && /^[A-Za-z0-9+/]*$/.test(text), "no list of hashes"),
);
const names = v.pipe(v.array(name), v.maxLength(100));

/** Of a model's input and of an embedding: far beyond what is sensible, and far below what takes all memory. */
const inputSide = v.pipe(count, v.maxValue(4096));
const width = v.pipe(count, v.maxValue(65_536));

const ManifestFields = v.object({
  format: v.literal(1),
  name: v.pipe(shown, v.minLength(1)),
  backbone: v.object({
    name: shown,
    lastDownsampling: v.picklist(["kept", "removed"]),
    taps: v.pipe(
      v.array(v.object({ name: shown, channels: count, height: count, width: count })),
      v.minLength(1),
      v.maxLength(100),
    ),
  }),
  descriptors: v.pipe(
    v.array(
      v.object({
        name,
        kind: v.picklist(DESCRIPTOR_KINDS),
        dim: width,
        tap: v.pipe(v.number(), v.integer(), v.minValue(0)),
        p: v.exactOptional(v.union([exponent, v.object({ min: exponent, mean: exponent, max: exponent })])),
        signed: v.exactOptional(v.literal("shift")),
        levels: v.exactOptional(count),
        attention: v.exactOptional(v.picklist(ATTENTION_KINDS)),
        fc: v.exactOptional(v.object({ bias: v.boolean() })),
      }),
    ),
    v.minLength(1),
    v.maxLength(8),
    v.check((branches) => new Set(branches.map((branch) => branch.name)).size === branches.length, "names repeat"),
  ),
  input: v.object({
    width: inputSide,
    height: inputSide,
    resize: v.union([
      v.literal("squash"),
      v.object({ fit: v.literal("squash"), width: side, height: side, halves }),
      v.object({ fit: v.literal("shortest"), side, halves }),
      v.object({
        fit: v.literal("longest"),
        fill: v.tuple([byte, byte, byte]),
        place: v.picklist(["centre", "corner"]),
      }),
    ]),
    kernel: v.exactOptional(v.picklist(RESIZE_KERNELS)),
    background: v.tuple([byte, byte, byte]),
  }),
  weights: v.object({ source: shown, version: shown, licence: shown }),
  training: v.nullable(
    v.object({
      method: shown,
      images: count,
      base: v.exactOptional(shown),
      data: v.exactOptional(v.object({ folder: shown, classes: count })),
      split: v.exactOptional(
        v.object({ by: v.picklist(["class", "image"]), testClasses: count, testImages: count, seed: v.number() }),
      ),
      losses: v.exactOptional(v.pipe(v.array(shown), v.maxLength(100))),
      epochs: v.exactOptional(v.pipe(v.number(), v.integer(), v.minValue(0))),
      seen: v.exactOptional(hashes),
      scores: v.exactOptional(v.object({ metric: v.literal("recall@1"), baseline: recalls, trained: recalls })),
    }),
  ),
  precision: v.exactOptional(v.picklist(["float32", "float16", "int8"])),
  quantization: v.exactOptional(v.object({ method: shown, images: count, source: shown })),
  text: v.exactOptional(v.object({ branch: name, tower: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)) })),
  second: v.exactOptional(names),
  handcrafted: v.exactOptional(names),
});

const ManifestSchema = v.pipe(
  ManifestFields,
  v.check(
    ({ text, descriptors }) => text === undefined || descriptors.some(({ name }) => name === text.branch),
    "the branch that words share is not there",
  ),
);

export function encodeManifest(manifest: ModelManifest): Record<string, string> {
  return { [MANIFEST_KEY]: JSON.stringify(manifest) };
}

/**
 * Reads the manifest of a model file.
 * @param file its name, for messages
 * @throws ModelError where the file is no ONNX file, has no manifest of ours, or one that cannot be understood
 */
export function readManifest(bytes: Uint8Array, file: string): ModelManifest {
  let text: string | undefined;
  try {
    text = readMetadata(bytes).get(MANIFEST_KEY);
  } catch (cause) {
    throw new ModelError(`${file} is not an ONNX file, or it is damaged. Build or copy it again.`, { cause });
  }
  if (text === undefined) {
    throw new ModelError(`${file} is an ONNX file, but not a Lookalike model: it has no manifest.`);
  }
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new ModelError(`The manifest of ${file} is damaged. Build or copy the model again.`, { cause });
  }
  if (typeof json === "object" && json !== null && "format" in json && json.format !== 1) {
    throw new ModelError(
      `${file} has manifest format ${json.format}; this Lookalike reads format 1. Update Lookalike.`,
    );
  }
  const parsed = v.safeParse(ManifestSchema, json);
  if (!parsed.success) {
    const issue = parsed.issues[0];
    throw new ModelError(
      `The manifest of ${file} is not valid: ${v.getDotPath(issue) ?? "manifest"}: ${issue.message}`,
    );
  }
  return parsed.output;
}

/** SHA-256 of a model file, hex: two files with the same fingerprint give the same embeddings. */
export function fingerprint(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
