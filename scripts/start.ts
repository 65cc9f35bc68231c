/** `npm start [-- folder] [--no-open]`: builds, indexes a folder of images, shows look-alikes, opens VS Code on it. */
import { spawnSync } from "node:child_process";
import { join, resolve } from "node:path";
import { findImages } from "../src/core/images/index.ts";
import { ensureSample } from "../test/fixtures/sample.ts";
import { startCodeServer } from "./lib/codeServer.ts";
import { ROOT } from "./lib/paths.mjs";
import { runTool } from "./lib/run.ts";

const args = process.argv.slice(2);
const [given] = args.filter((arg) => !arg.startsWith("--"));
const open = !args.includes("--no-open");

console.log("Building");
if (!runTool("scripts/build.ts", [])) process.exit(1);
// npm runs scripts in the project's folder; a relative path is meant from where the user typed it.
const { folder, query } =
  given === undefined
    ? await ensureSample()
    : { folder: resolve(process.env["INIT_CWD"] ?? ".", given), query: undefined };
console.log(`Indexing ${folder}`);
if (!lookalike(["index", folder])) process.exit(1);
await showLookAlikes();
if (open) await openEditor();

function lookalike(commandArgs: readonly string[]): boolean {
  return runTool("lookalike", commandArgs);
}

/** The look-alikes of one image: in the user's folder of the middle one, since the first is often an odd one. */
async function showLookAlikes(): Promise<void> {
  const { images } = await findImages(folder);
  const image = query ?? images[Math.floor(images.length / 2)]?.path;
  console.log();
  if (image === undefined) console.log("The folder holds no images.");
  else lookalike(["similar", join(folder, image), "--in", folder, "-k", "10"]);
  console.log();
}

async function openEditor(): Promise<void> {
  const windows = process.platform === "win32";
  const graphical = process.platform !== "linux" || process.env["DISPLAY"] || process.env["WAYLAND_DISPLAY"];
  if (graphical && spawnSync("code", ["--version"], { shell: windows }).status === 0) {
    console.log("Opening VS Code. Right-click an image: Find Similar Images.");
    spawnSync("code", ["--new-window", `--extensionDevelopmentPath=${ROOT}`, folder], {
      shell: windows,
      stdio: "inherit",
    });
    return;
  }
  const server = await startCodeServer();
  const stop = async () => {
    await server.stop();
    process.exit(0);
  };
  process.once("SIGINT", stop);
  process.once("SIGTERM", stop);
  console.log("VS Code runs in the browser until you press Ctrl-C. Right-click an image: Find Similar Images.\n");
  console.log(`  ${server.address(folder, { extensionDevelopmentPath: ROOT })}\n`);
}
