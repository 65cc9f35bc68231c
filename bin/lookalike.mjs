#!/usr/bin/env node
/** Starts the command line in dist/, with the project's own Node where the system's is too old. Plain JavaScript: it must run on any. */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { cpus } from "node:os";
import { fileURLToPath } from "node:url";

const at = (path) => fileURLToPath(new URL(path, import.meta.url));
const cli = at("../dist/cli/main.mjs");
const ownNode = at("../node_modules/node/bin/node");

// libuv's threads decode the images: its default of four leaves larger machines idle. It is read at the first use.
process.env["UV_THREADPOOL_SIZE"] ??= String(Math.max(4, cpus().length + 2));

if (!existsSync(cli)) {
  console.error('Lookalike is not built yet. Run "npm start -- --no-open" or "npm run build" in its folder.');
  process.exit(1);
}
if (Number(process.versions.node.split(".")[0]) >= 22) {
  await import(new URL("../dist/cli/main.mjs", import.meta.url).href);
} else if (existsSync(ownNode)) {
  const { status } = spawnSync(ownNode, [cli, ...process.argv.slice(2)], { stdio: "inherit" });
  process.exitCode = status ?? 1;
} else {
  console.error(`Lookalike needs Node 22 or newer; this is ${process.versions.node}. Run "npm ci" in its folder.`);
  process.exit(1);
}
