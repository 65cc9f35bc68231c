/**
 * `npm run bench -- first <folder>`: the first index of a folder with a folder per class, with and without adaptation, in both forms of
 * the default model, each in a process of its own; then the time from a click to the first card and to the lists of the adapted model in
 * a real VS Code (`test/e2e/similarFirst.test.ts`). Without a folder on drawings. `--no-window` leaves the click out. The figures go to
 * out/bench/first.json.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { ensureDefaultInt8, ensureDefaultModel } from "../../scripts/buildModel.ts";
import { runTool } from "../../scripts/lib/run.ts";
import { EmbedderPool, FolderIndex } from "../../src/core/index.ts";
import { ensureEmoji } from "../fixtures/emoji.ts";
import { writeFigures } from "./timing.ts";

const SELF = fileURLToPath(import.meta.url);
/** In turn, so that what else runs on the machine hits all alike. */
const RUNS = [
  { form: "float", adapt: false },
  { form: "int8", adapt: false },
  { form: "float", adapt: true },
  { form: "int8", adapt: true },
] as const;

interface Run {
  readonly form: "float" | "int8";
  readonly adapt: boolean;
}

interface Figure extends Run {
  readonly images: number;
  /** From opening the index until it is complete. */
  readonly seconds: number;
  /** Of the process meanwhile, all threads. */
  readonly cpuSeconds: number;
}

async function indexOnce(folder: string, { form, adapt }: Run): Promise<Figure> {
  const location = mkdtempSync(join(tmpdir(), "lookalike-first-"));
  const pool = new EmbedderPool();
  try {
    const [started, before] = [performance.now(), process.cpuUsage()];
    const index = await FolderIndex.open(folder, pool, ensureDefaultModel(), { location, form, adapt });
    const { indexed } = await index.update();
    const { user, system } = process.cpuUsage(before);
    await index.close();
    return {
      form,
      adapt,
      images: indexed,
      seconds: (performance.now() - started) / 1000,
      cpuSeconds: (user + system) / 1e6,
    };
  } finally {
    await pool.release();
    rmSync(location, { recursive: true, force: true });
  }
}

function print(figures: readonly Figure[]): void {
  const plain = figures.find(({ form, adapt }) => form === "float" && !adapt)!;
  console.log(`${plain.images} images, load ${loadavg()[0]!.toFixed(1)}; ratios to float without adaptation`);
  for (const { form, adapt, seconds, cpuSeconds, images } of figures) {
    const ratio = (a: number, b: number) => (a / b).toFixed(2).padStart(5);
    console.log(
      `${form.padEnd(6)} ${adapt ? "adapted" : "as it is"}`.padEnd(16),
      `${seconds.toFixed(1).padStart(7)} s (${ratio(seconds, plain.seconds)})`,
      `${cpuSeconds.toFixed(1).padStart(7)} CPU s (${ratio(cpuSeconds, plain.cpuSeconds)})`,
      `${(images / cpuSeconds).toFixed(1).padStart(6)} images per CPU second`,
    );
  }
}

const [given, ...rest] = process.argv.slice(2).filter((argument) => argument !== "--no-window");
if (rest.length > 0) {
  console.log(JSON.stringify(await indexOnce(given!, JSON.parse(rest[0]!) as Run)));
} else {
  await ensureDefaultInt8();
  // npm runs scripts in the project's folder; a relative path is meant from where the user typed it.
  const named = given === undefined ? undefined : resolve(process.env["INIT_CWD"] ?? ".", given);
  if (named !== undefined && !statSync(named, { throwIfNoEntry: false })?.isDirectory()) {
    console.error(`${named} is not a folder. Name a folder of images.`);
    process.exit(2);
  }
  const folder = named ?? (await ensureEmoji({ classes: 150 })).folder;
  const figures = RUNS.map(
    (run) =>
      JSON.parse(execFileSync(process.execPath, [SELF, folder, JSON.stringify(run)], { encoding: "utf8" })) as Figure,
  );
  print(figures);
  writeFigures("first", { folder, figures });
  if (!process.argv.includes("--no-window")) {
    if (named !== undefined) process.env["LOOKALIKE_FIRST_FOLDER"] = named;
    const args = ["run", "--config", "vitest.e2e.config.ts", "test/e2e/similarFirst.test.ts"];
    if (!runTool("vitest", args)) process.exitCode = 1;
  }
}
