/** Proves a model and embeds a picture, with nothing else loaded. Argument: the model. */
import { readFileSync } from "node:fs";
import { proveModel } from "../../../src/core/model/import/index.ts";
import { openEmbedder } from "../../../src/core/runtime/index.ts";

const file = process.argv[2]!;
await proveModel(readFileSync(file), file);
const embedder = await openEmbedder(file, { device: "cpu" });
const { width, height } = embedder.manifest.input;
const rows = await embedder.embed(new Uint8Array(width * height * 3).fill(90), 1);
console.log(`proved, and ${rows.length} values`);
await embedder.release();
