/** `npm run build`: the model, and the bundles in dist/. `--dev`: readable, with source maps; `--watch`: again at each change. */
import { chmodSync, existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { type BuildOptions, build, context } from "esbuild";
import { ensureDefaultInt8, ensureSecondInt8 } from "./buildModel.ts";
import { buildKernel } from "./lib/kernels.ts";
import { bundledPackages, NOTICES_FILE, noticesOf } from "./lib/notices.ts";

const ROOT = resolve(import.meta.dirname, "..");
const dev = process.argv.includes("--dev") || process.argv.includes("--watch");

const common: BuildOptions = {
  absWorkingDir: ROOT,
  bundle: true,
  minify: !dev,
  sourcemap: dev,
  target: "es2023",
  logLevel: "warning",
  // The notices lie in a file of their own.
  legalComments: "none",
  metafile: true,
};

const PAGES = ["similar", "projections", "training", "follow", "review", "evaluation", "picture"];

/** Native modules stay outside: each platform has its own. */
const NATIVE = ["sharp", "onnxruntime-node", "better-sqlite3", "usearch"];

const bundles: BuildOptions[] = [
  {
    ...common,
    entryPoints: ["src/extension/extension.ts"],
    outfile: "dist/extension.cjs",
    platform: "node",
    format: "cjs",
    external: ["vscode"],
  },
  {
    ...common,
    entryPoints: {
      "engine/main": "src/engine/main.ts",
      "cli/main": "src/cli/main.ts",
      "trainer/main": "src/trainer/main.ts",
      // A worker thread or a process needs a file of its own; core finds it one folder beside its chunk.
      "projection/layoutWorker": "src/core/projection/layoutWorker.ts",
      "search/scanWorker": "src/core/search/coarse/scanWorker.ts",
      "evaluation/rankWorker": "src/core/evaluation/rankWorker.ts",
      "neighbours/graphWorker": "src/core/neighbours/graphWorker.ts",
      "adaptation/fitWorker": "src/core/adaptation/fitWorker.ts",
      "tables/tableWorker": "src/core/tables/tableWorker.ts",
      "text/tokenThread": "src/core/model/text/tokenThread.ts",
      "import/importChild": "src/core/model/import/importChild.ts",
      "images/decoderChild": "src/core/images/decoderChild.ts",
    },
    outdir: "dist",
    outExtension: { ".js": ".mjs" },
    chunkNames: "chunks/[name]-[hash]",
    platform: "node",
    format: "esm",
    // Core becomes a chunk of its own, so that its native modules are only loaded when it is imported.
    splitting: true,
    external: NATIVE,
    banner: {
      js: 'import{createRequire as lookalikeRequire}from"node:module";const require=lookalikeRequire(import.meta.url);',
    },
  },
  {
    ...common,
    entryPoints: Object.fromEntries(PAGES.map((page) => [page, `webview-ui/${page}/main.ts`])),
    // A page holds its script: a map beside it would not be found.
    sourcemap: dev ? "inline" : false,
    outdir: "dist/webview",
    platform: "browser",
    format: "iife",
  },
  {
    ...common,
    entryPoints: ["test/integration/index.ts"],
    outfile: "out/integration/index.cjs",
    platform: "node",
    format: "cjs",
    minify: false,
    external: ["vscode", "mocha"],
  },
];

/** `npx lookalike` in the clone finds the command as it would in an installed package. */
function linkCommand(): void {
  const link = join(ROOT, "node_modules", ".bin", "lookalike");
  if (process.platform === "win32") return;
  chmodSync(join(ROOT, "bin", "lookalike.mjs"), 0o755);
  if (existsSync(link)) return;
  rmSync(link, { force: true });
  mkdirSync(dirname(link), { recursive: true });
  symlinkSync("../../bin/lookalike.mjs", link);
}

await ensureDefaultInt8();
await ensureSecondInt8();
buildKernel("coarseScan");
linkCommand();
// Chunks have their content's hash in their names: old ones would pile up.
rmSync(join(ROOT, "dist", "chunks"), { recursive: true, force: true });
if (process.argv.includes("--watch")) {
  for (const options of bundles) await (await context({ ...options, logLevel: "info" })).watch();
} else {
  const results = await Promise.all(bundles.map((options) => build(options)));
  // The weights of both networks came with these, and lie in dist/models.
  const packages = bundledPackages(results.flatMap(({ metafile }) => metafile ?? []));
  writeFileSync(join(ROOT, NOTICES_FILE), noticesOf([...packages, "nsfwjs", "@mediapipe/objectron"]));
}
