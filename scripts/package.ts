/**
 * `npm run package [-- --target linux-x64] [--built]`: builds, and makes out/lookalike-<target>-<version>.vsix; by default for
 * this machine. With `--built` it takes what was built before.
 */
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { createVSIX } from "@vscode/vsce";
import { ROOT } from "./lib/paths.mjs";
import { runTool } from "./lib/run.ts";
import { hasUsearch, stageRuntimePackages } from "./lib/runtimePackages.ts";

/** A clean folder that holds what is packaged, and nothing else. */
const STAGE = join(ROOT, "out", "package");
/** `l10n` holds translations, where there are any. */
const COPIED = ["package.nls.json", "LICENSE", "media", "dist", "bin", "trainer", "l10n"];
/** What a build leaves behind for itself, and for debugging; the tests of the torch engine, and what Python and mypy keep. */
const BUILD_ONLY = /\.(key|map|pyc)$|[\\/](__pycache__|\.mypy_cache|trainer[\\/]tests)$/;

function stage(target: string): { readonly name: string; readonly version: string } {
  rmSync(STAGE, { recursive: true, force: true });
  mkdirSync(STAGE, { recursive: true });
  const { devDependencies: _, scripts: __, ...manifest } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
  if (!hasUsearch(target)) delete manifest.dependencies.usearch;
  stageRuntimePackages(Object.keys(manifest.dependencies), target, join(STAGE, "node_modules"));
  for (const path of COPIED.filter((path) => existsSync(join(ROOT, path))))
    cpSync(join(ROOT, path), join(STAGE, path), { recursive: true, filter: (file) => !BUILD_ONLY.test(file) });
  for (const name of ["README.md", "CHANGELOG.md"]) {
    const text = readFileSync(join(ROOT, name), "utf8");
    writeFileSync(join(STAGE, name), manifest.repository === undefined ? withoutRelativeLinks(text) : text);
  }
  writeFileSync(join(STAGE, "package.json"), `${JSON.stringify(manifest, undefined, 2)}\n`);
  // Nothing is left out of this folder; without the file vsce warns.
  writeFileSync(join(STAGE, ".vscodeignore"), "");
  return manifest;
}

/** Without a repository to point to, links into the clone lead nowhere: their text stays, pictures go. */
function withoutRelativeLinks(markdown: string): string {
  return markdown.replace(/!\[[^\]]*\]\((?!\w+:)[^)]+\)\n*/g, "").replace(/\[([^\]]*)\]\((?!\w+:|#)[^)]+\)/g, "$1");
}

async function main(): Promise<void> {
  const options = {
    target: { type: "string", default: `${process.platform}-${process.arch}` },
    built: { type: "boolean", default: false },
  } as const;
  const { target, built } = parseArgs({ options }).values;
  if (!built && !runTool("scripts/build.ts", [])) throw new Error("The build failed, so nothing was packaged.");
  const { name, version } = stage(target);
  // It prints the name, the size and the number of files.
  await createVSIX({
    cwd: STAGE,
    packagePath: join(ROOT, "out", `${name}-${target}-${version}.vsix`),
    target,
    useYarn: false,
    allowMissingRepository: true,
  });
}

try {
  await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
