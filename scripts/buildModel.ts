/** `npm run build:model`: makes the default model and the second network in dist/models, each in float and int8, or leaves what nothing changed of. */
import { createHash } from "node:crypto";
import { existsSync, globSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import {
  buildDefaultModel,
  buildSecondModel,
  compactModel,
  DEFAULT_MODEL_NAME,
  fingerprint,
  SECOND_MODEL_NAME,
} from "../src/core/model/index.ts";
import { buildDefaultInt8, buildSecondInt8, withByteWeights } from "../src/core/quantize/index.ts";
import { int8FileOf } from "../src/shared/index.ts";

const ROOT = resolve(import.meta.dirname, "..");
const FOLDER = join(ROOT, "dist", "models");

/** @returns the model's file */
export function ensureDefaultModel(): string {
  const file = join(FOLDER, `${DEFAULT_MODEL_NAME}.onnx`);
  const key = sourcesKey("src/core/model/**/*.ts");
  if (!isCurrent(file, key)) write(file, compactModel(buildDefaultModel(), file), key);
  return file;
}

/** The network that may join the default one. */
export function ensureSecondModel(): string {
  const file = join(FOLDER, `${SECOND_MODEL_NAME}.onnx`);
  const key = sourcesKey("src/core/{model,quantize}/**/*.ts");
  if (!isCurrent(file, key)) write(file, withByteWeights(buildSecondModel(), file), key);
  return file;
}

/** The same of the default's int8 form, which lies beside it. */
export function ensureDefaultInt8(): Promise<string> {
  return ensureInt8(ensureDefaultModel(), buildDefaultInt8);
}

/** The second network's int8 form. */
export function ensureSecondInt8(): Promise<string> {
  return ensureInt8(ensureSecondModel(), buildSecondInt8);
}

async function ensureInt8(float: string, build: (bytes: Uint8Array) => Promise<Uint8Array>): Promise<string> {
  const file = int8FileOf(float);
  const bytes = readFileSync(float);
  const key = sourcesKey("src/core/{model,quantize}/**/*.ts", fingerprint(bytes));
  if (isCurrent(file, key)) return file;
  write(file, await build(bytes), key);
  return file;
}

function isCurrent(file: string, key: string): boolean {
  return existsSync(file) && existsSync(`${file}.key`) && readFileSync(`${file}.key`, "utf8") === key;
}

/** Written aside and renamed: two builds at once, or a stop in the middle, leave a whole file. */
function write(file: string, bytes: Uint8Array, key: string): void {
  mkdirSync(FOLDER, { recursive: true });
  const aside = `${file}.${process.pid}`;
  writeFileSync(aside, bytes);
  renameSync(aside, file);
  writeFileSync(`${file}.key`, key);
}

/** Changes with the code that writes a model, and with the installed packages that it reads. */
function sourcesKey(code: string, made = ""): string {
  const hash = createHash("sha256").update(made);
  const sources = globSync(code, { cwd: ROOT }).sort();
  for (const path of [...sources, "package-lock.json"]) hash.update(path).update(readFileSync(join(ROOT, path)));
  return hash.digest("hex");
}

if (import.meta.main) {
  for (const file of [ensureDefaultModel(), await ensureDefaultInt8(), ensureSecondModel(), await ensureSecondInt8()]) {
    const bytes = readFileSync(file);
    console.log(`${file}: ${(bytes.length / 1e6).toFixed(1)} MB, fingerprint ${fingerprint(bytes).slice(0, 16)}`);
  }
}
