/** `npm run build:model`: makes the default model in dist/models, or leaves it where nothing that it is made of changed. */
import { createHash } from "node:crypto";
import { existsSync, globSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { buildDefaultModel, compactModel, DEFAULT_MODEL_NAME, fingerprint } from "../src/core/model/index.ts";

const ROOT = resolve(import.meta.dirname, "..");
const FOLDER = join(ROOT, "dist", "models");

/** @returns the model's file */
export function ensureDefaultModel(): string {
  const file = join(FOLDER, `${DEFAULT_MODEL_NAME}.onnx`);
  const keyFile = `${file}.key`;
  const key = sourcesKey();
  if (existsSync(file) && existsSync(keyFile) && readFileSync(keyFile, "utf8") === key) return file;
  mkdirSync(FOLDER, { recursive: true });
  // Written aside and renamed: two builds at once, or a stop in the middle, leave a whole file.
  const aside = `${file}.${process.pid}`;
  writeFileSync(aside, compactModel(buildDefaultModel(), file));
  renameSync(aside, file);
  writeFileSync(keyFile, key);
  return file;
}

/** Changes with the code that writes the model, and with the installed packages that it reads. */
function sourcesKey(): string {
  const hash = createHash("sha256");
  const sources = globSync("src/core/model/**/*.ts", { cwd: ROOT }).sort();
  for (const path of [...sources, "package-lock.json"]) hash.update(path).update(readFileSync(join(ROOT, path)));
  return hash.digest("hex");
}

if (import.meta.main) {
  const file = ensureDefaultModel();
  const bytes = readFileSync(file);
  console.log(`${file}: ${(bytes.length / 1e6).toFixed(1)} MB, fingerprint ${fingerprint(bytes).slice(0, 16)}`);
}
