import { posix } from "node:path";
import type { HubFile, HubRepository } from "./repository.ts";

export type Precision = "float32" | "float16" | "int8" | "4 bits";

const PRECISIONS: readonly (readonly [RegExp, Precision])[] = [
  [/[_.-](q4f16|q4|bnb4|int4|uint4)\b/i, "4 bits"],
  [/[_.-](quantized|int8|uint8|q8)\b/i, "int8"],
  [/[_.-](fp16|float16|half)\b/i, "float16"],
];

/** How the numbers of a file are stored, as repositories write it into its name. */
export function precisionOf(path: string): Precision {
  return PRECISIONS.find(([pattern]) => pattern.test(posix.basename(path)))?.[1] ?? "float32";
}

/** Towers for words, decoders and other parts that take no image. */
const NOT_FOR_IMAGES = /(^|[/_.-])(text|textual|decoder|prompt|tokenizer|merged|encoder_decoder|audio)([/_.-]|$)/i;
const FOR_IMAGES = /(^|[/_.-])(vision|visual|image)([/_.-]|$)/i;

const ON_CPU: readonly Precision[] = ["float32", "float16", "int8", "4 bits"];
const ON_GPU: readonly Precision[] = ["float16", "float32", "int8", "4 bits"];

/**
 * The networks of a repository, the one first that one would take: a tower for images before a whole model, ONNX before
 * safetensors, float32 on a CPU, whose float16 is slow, and float16 on a GPU. Parts that take no image come last.
 */
export function inOrderOfUse(files: readonly HubFile[], gpu: boolean): HubFile[] {
  const precisions = gpu ? ON_GPU : ON_CPU;
  const rank = ({ path }: HubFile) => [
    FOR_IMAGES.test(path) ? 0 : NOT_FOR_IMAGES.test(path) ? 2 : 1,
    precisions.indexOf(precisionOf(path)),
    path.endsWith(".onnx") ? 0 : 1,
  ];
  const compare = (a: HubFile, b: HubFile) => {
    const [first, second] = [rank(a), rank(b)];
    const differs = first.findIndex((value, i) => value !== second[i]);
    return differs === -1 ? (a.path < b.path ? -1 : 1) : first[differs]! - second[differs]!;
  };
  return [...files].sort(compare);
}

/**
 * The tower for words that belongs to a tower for images: of the same precision, as the names of exports have it
 * (`vision_model_fp16.onnx` and `text_model_fp16.onnx`, `visual/model.onnx` and `textual/model.onnx`).
 */
export function textTowerOf({ files }: Pick<HubRepository, "files">, { path }: HubFile): HubFile | undefined {
  const names = [
    path.replace(/vision_model([^/]*\.onnx)$/, "text_model$1"),
    path.replace(/(^|\/)visual\//, "$1textual/"),
  ];
  return files.find((file) => file.path !== path && file.path.endsWith(".onnx") && names.includes(file.path));
}

/** What a text tower needs beside it: its data, the tokenizer, the configurations that say how texts are split. */
export function companionsOfText({ companions }: Pick<HubRepository, "companions">, { path }: HubFile): HubFile[] {
  const folder = posix.dirname(path);
  const folders = new Set([folder, posix.dirname(folder)]);
  const stem = path.replace(/\.onnx$/, "");
  return companions.filter(({ path: other }) => {
    if (/data(_\d+)?$/.test(other)) return other.startsWith(`${stem}.`);
    const name = posix.basename(other);
    return (
      folders.has(posix.dirname(other)) &&
      /^(tokenizer(_config)?|config|open_clip_config|special_tokens_map)\.json$/.test(name)
    );
  });
}

/** Bytes of a text tower with what it needs beside it. */
export function sizeOfText(repository: HubRepository, file: HubFile): number {
  return companionsOfText(repository, file).reduce((sum, { size }) => sum + size, file.size);
}

/** What a network needs beside it: its external data, the configurations in its folder and the one above, the card. */
export function companionsOf({ companions }: HubRepository, { path }: HubFile): HubFile[] {
  const folder = posix.dirname(path);
  const folders = new Set([folder, posix.dirname(folder)]);
  const stem = path.replace(/\.onnx$/, "");
  return companions.filter(({ path: other }) => {
    if (/data(_\d+)?$/.test(other)) return path.endsWith(".onnx") && other.startsWith(`${stem}.`);
    return folders.has(posix.dirname(other)) && !/token/.test(posix.basename(other));
  });
}

/** Bytes of a network with what it needs beside it. */
export function sizeOfNetwork(repository: HubRepository, file: HubFile): number {
  return companionsOf(repository, file).reduce((sum, { size }) => sum + size, file.size);
}
