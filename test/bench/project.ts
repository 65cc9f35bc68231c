/**
 * Four aligned maps of synthetic clustered vectors, against four separate ones of Python's umap-learn where it is installed.
 * `node test/bench/project.ts [count]` runs it alone.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { NeighbourSearch } from "../../src/core/neighbours/neighbourSearch.ts";
import { project } from "../../src/core/projection/index.ts";
import { measuredRows, measureMaps } from "../../src/core/projection/quality.ts";
import { COMBINED, DEFAULT_PROJECTION } from "../../src/shared/index.ts";
import { clusteredVectors } from "../fixtures/clusteredVectors.ts";
import { PYTHON } from "../fixtures/torch/torch.ts";

const DESCRIPTORS = ["spoc", "mac", "gem"];
const COLUMNS = [...DESCRIPTORS, COMBINED];
const DIM = 512;
const CLASSES = 200;
const SELF = fileURLToPath(import.meta.url);
const UMAP_LEARN = fileURLToPath(new URL("./umapLearn.py", import.meta.url));

export interface ProjectFigures {
  /** Of all threads, for neighbours, layouts and (here only) qualities. */
  readonly cpuSeconds: number;
  /** Peak resident memory of the process, the vectors among it. */
  readonly peakMb: number;
  /** By column. */
  readonly trustworthiness: Readonly<Record<string, number>>;
}

export interface ProjectBench {
  readonly count: number;
  readonly lookalike: ProjectFigures & { readonly seconds: number; readonly firstViewSeconds: number };
  /** null where Python has no umap-learn. */
  readonly umapLearn: (ProjectFigures & { readonly version: string }) | null;
}

/** Runs both in processes of their own, so that CPU time and memory are theirs alone. */
export async function run(count = 10_000): Promise<ProjectBench> {
  const maxBuffer = 2 ** 26;
  const stdout = execFileSync(process.execPath, [SELF, "--child", String(count)], { encoding: "utf8", maxBuffer });
  const lookalike = JSON.parse(stdout) as ProjectBench["lookalike"];
  return { count, lookalike, umapLearn: hasUmapLearn() ? await runUmapLearn(count) : null };
}

/** Lines for a person: both sides, and their ratio. */
export function describe({ count, lookalike, umapLearn }: ProjectBench): string {
  const line = (name: string, { cpuSeconds, peakMb, trustworthiness }: ProjectFigures) =>
    `${name}: ${cpuSeconds.toFixed(1)} CPU s, ${peakMb.toFixed(0)} MB, trustworthiness ` +
    COLUMNS.map((column) => `${column} ${trustworthiness[column]!.toFixed(3)}`).join(", ");
  return [
    `project: four maps of ${count} x 3 x ${DIM}`,
    line("lookalike (aligned)", lookalike),
    `  first view (PCA of all four) ${lookalike.firstViewSeconds.toFixed(2)} s, all ${lookalike.seconds.toFixed(1)} s of wall time`,
    umapLearn === null
      ? "umap-learn: not installed. On Debian: apt-get install umap-learn"
      : line(`umap-learn ${umapLearn.version} (separate)`, umapLearn),
    ...(umapLearn === null ? [] : [`  CPU ratio ${(lookalike.cpuSeconds / umapLearn.cpuSeconds).toFixed(2)}`]),
  ].join("\n");
}

function vectors(count: number) {
  const dims = DESCRIPTORS.map(() => DIM);
  const { matrices } = clusteredVectors({ count, dims, classes: CLASSES, seed: 1 });
  const paths = Array.from({ length: count }, (_, i) => `${i}.png`);
  return { paths, descriptors: DESCRIPTORS, dims, matrices, signatures: new Uint32Array(2 * count), excluded: [] };
}

async function child(count: number): Promise<ProjectBench["lookalike"]> {
  const set = vectors(count);
  const start = performance.now();
  const before = process.cpuUsage();
  let firstViewSeconds = 0;
  const { projection } = await project(set, DEFAULT_PROJECTION, {
    onLayout: ({ method }) => {
      if (method === "pca") firstViewSeconds = (performance.now() - start) / 1000;
    },
  });
  const { user, system } = process.cpuUsage(before);
  return {
    cpuSeconds: (user + system) / 1e6,
    peakMb: process.resourceUsage().maxRSS / 1024,
    trustworthiness: Object.fromEntries([...projection.maps].map(([c, m]) => [c, m.quality.trustworthiness ?? 0])),
    seconds: (performance.now() - start) / 1000,
    firstViewSeconds,
  };
}

function hasUmapLearn(): boolean {
  try {
    execFileSync(PYTHON, ["-c", "import umap"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

async function runUmapLearn(count: number): Promise<NonNullable<ProjectBench["umapLearn"]>> {
  const folder = mkdtempSync(join(tmpdir(), "lookalike-bench-"));
  const search = await NeighbourSearch.create(DESCRIPTORS.length);
  try {
    const { dims, matrices } = vectors(count);
    for (const [b, matrix] of matrices.entries()) writeFileSync(join(folder, `branch_${b}.f32`), matrix);
    const args = [UMAP_LEARN, folder, String(count), String(DIM), String(DESCRIPTORS.length)];
    const stdout = execFileSync(PYTHON, args, { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });
    const figures = JSON.parse(stdout) as { cpuSeconds: number; peakMb: number; version: string };
    const maps = COLUMNS.map(
      (_, c) => new Float32Array(Uint8Array.from(readFileSync(join(folder, `map_${c}.f32`))).buffer),
    );
    // Both sides are measured by the same code, over the same rows.
    const rows = measuredRows(count, DEFAULT_PROJECTION.seed);
    const qualities = await measureMaps(search, { count, dims, matrices }, maps, rows);
    const trustworthiness = Object.fromEntries(
      COLUMNS.map((column, c) => [column, qualities[c]!.trustworthiness ?? 0]),
    );
    return { ...figures, trustworthiness };
  } finally {
    await search.release();
    rmSync(folder, { recursive: true, force: true });
  }
}

const [flag, count] = process.argv.slice(2);
if (process.argv[1] === SELF) {
  if (flag === "--child") console.log(JSON.stringify(await child(Number(count))));
  else console.log(describe(await run(flag === undefined ? undefined : Number(flag))));
}
