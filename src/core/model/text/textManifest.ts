import * as v from "valibot";
import type { CutOffRule, TextLink } from "../../../shared/index.ts";
import { readMetadata } from "../../onnx/index.ts";
import { ModelError } from "../errors.ts";
import { fingerprint } from "../manifest.ts";

/** Keys in the `metadata_props` of a text tower's file. */
export const TEXT_KEY = "lookalike-text";
export const TOKENIZER_KEY = "lookalike-tokenizer";

/** Longer contexts are those of language models, not of towers. Tokens. */
const MAX_CONTEXT = 4096;

const input = v.object({ name: v.string(), type: v.picklist(["int64", "int32"]) });

const TextSchema = v.object({
  format: v.literal(1),
  name: v.string(),
  /** Length of an embedding. */
  dim: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(65_536)),
  /** Tokens that the network takes: shorter texts are filled up, longer ones cut. */
  context: v.pipe(v.number(), v.integer(), v.minValue(2), v.maxValue(MAX_CONTEXT)),
  /** Token that short texts are filled up with. */
  pad: v.pipe(v.number(), v.integer(), v.minValue(0)),
  ids: input,
  /** What is wanted beside the tokens: 1 for each token, or for all places; 0 everywhere; the number of the place. */
  beside: v.array(v.object({ ...input.entries, holds: v.picklist(["mask", "ones", "zeros", "places"]) })),
  /** What is done with a text before it is split. */
  clean: v.picklist(["none", "lower", "canonical"]),
  /** The model's own rule for what belongs together: sigmoid(scale cos + bias). */
  sigmoid: v.nullable(v.object({ scale: v.number(), bias: v.number() })),
  source: v.object({ source: v.string(), version: v.string(), licence: v.string() }),
  /** Embeddings of the fixed list of random words, base64 of float32 `[words, dim]`. */
  random: v.string(),
});

/** What the file of a text tower says of itself. Input and output of its graph: `ids` and `beside`, `text` `[1, dim]`. */
export type TextManifest = v.InferOutput<typeof TextSchema>;

/** The two files of a tokenizer, as a repository has them. */
export interface TokenizerFiles {
  readonly tokenizer: object;
  readonly config: object;
}

export interface TextTowerFile {
  readonly manifest: TextManifest;
  /** As text: it is read where it is used, in a thread that can be ended. */
  readonly tokenizer: string;
  readonly bytes: Uint8Array;
}

/** Where the text tower of a model lies: beside it, so that the two are moved and deleted together. */
export function textTowerFile(model: string): string {
  return `${model.replace(/\.onnx$/i, "")}.text`;
}

/** @param tokenizer JSON of a `TokenizerFiles` */
export function encodeTextMetadata(manifest: TextManifest, tokenizer: string): Record<string, string> {
  return { [TEXT_KEY]: JSON.stringify(manifest), [TOKENIZER_KEY]: tokenizer };
}

/**
 * Reads the file of a text tower.
 * @param link what the model says of it: another tower's words would mean nothing there
 * @throws ModelError where it is no text tower, or another one
 */
export function readTextTower(bytes: Uint8Array, file: string, link: TextLink): TextTowerFile {
  if (fingerprint(bytes) !== link.tower) {
    throw new ModelError(
      `${file} is not the text tower that belongs to the model. Import the model again with --text.`,
    );
  }
  try {
    const metadata = readMetadata(bytes);
    const manifest = v.parse(TextSchema, JSON.parse(metadata.get(TEXT_KEY) ?? ""));
    return { manifest, tokenizer: v.parse(v.string(), metadata.get(TOKENIZER_KEY)), bytes };
  } catch (cause) {
    throw new ModelError(`${file} is not a text tower of Lookalike, or it is damaged. Import the model again.`, {
      cause,
    });
  }
}

/** The embeddings of the random words, each of norm 1. */
export function randomWordsOf({ random, dim }: TextManifest): Float32Array[] {
  const bytes = Buffer.from(random, "base64");
  const all = new Float32Array(
    bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length - (bytes.length % 4)),
  );
  return Array.from({ length: Math.floor(all.length / dim) }, (_, i) => all.slice(i * dim, (i + 1) * dim));
}

/** How a tower tells that nothing is like the words. */
export function cutOffRule({ sigmoid }: TextManifest): CutOffRule {
  return sigmoid === null ? "random" : "probability";
}
