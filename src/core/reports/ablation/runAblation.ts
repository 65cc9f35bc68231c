import { createHash } from "node:crypto";
import { promises as fs } from "node:fs";
import { join } from "node:path";
import {
  ABLATION_ENDS,
  type AblationAxes,
  type AblationCell,
  type AblationEnd,
  type AblationPlan,
  type AblationReport,
  type AblationResult,
  ablationSeconds,
  ablationTables,
  cellKey,
  planCells,
  settingName,
  type TrainingEvent,
  type TrainingOptions,
  trainingsOf,
} from "../../../shared/index.ts";
import { readRegularFile, writeFileAtomically } from "../../files/index.ts";
import { readTrainingData, runTraining, shareEmbeddings } from "../../training/index.ts";
import { optionsOf } from "./plan.ts";
import { type TestRows, testFigures } from "./testFigures.ts";

export interface AblationOptions {
  /** File of the model to start from. */
  readonly model: string;
  readonly signal?: AbortSignal | undefined;
  /** Which training is under way, of how many. */
  readonly onCell?: ((cell: AblationCell, done: number, of: number) => void) | undefined;
  /** What one has found; told at once of those that were finished before. */
  readonly onResults?: ((results: readonly AblationResult[], done: number, of: number) => void) | undefined;
  readonly onEvent?: ((event: TrainingEvent) => void) | undefined;
  /** Keeps the models that are made, beside the results. */
  readonly keepModels?: boolean | undefined;
}

/** Bytes of the results of a cell. */
const MAX_KEPT = 2 ** 26;

/** What a finished cell leaves. */
interface Kept {
  readonly results: readonly AblationResult[];
  readonly warnings: readonly string[];
  /** Of the best; 0 is the start, of which no loss and no order of the branches has a part. */
  readonly epochs: number;
  readonly seconds: number;
}

/**
 * The cells of an ablation, and how long they will take: the embedding once per seed in the mode `head`, every training by itself
 * in the others.
 * @param estimate seconds of one training, as a run tells them; null where nothing is known
 */
export async function planAblation(
  axes: AblationAxes,
  given: TrainingOptions,
  estimate: (options: TrainingOptions) => Promise<number | null>,
): Promise<AblationPlan> {
  const cells = planCells(axes);
  const trainings = trainingsOf(cells).length;
  const one = await estimate(given);
  const { problem } = await readTrainingData(given);
  if (problem !== null || one === null) return { cells, trainings, seconds: null };
  return { cells, trainings, seconds: ablationSeconds(axes, given.mode, one) };
}

/**
 * Trains and evaluates every cell; those that are the same by construction once. A cell that is finished is kept in `out`, and one
 * that was interrupted goes on from its checkpoint, so that a second call with the same folder goes on where the first one ended.
 * @param given what all cells have in common
 * @param out folder of the results; made where it is not there
 * @throws TrainingError where the data allow no training; the signal's reason
 */
export async function runAblation(
  axes: AblationAxes,
  given: TrainingOptions,
  out: string,
  options: AblationOptions,
): Promise<AblationReport> {
  const cells = planCells(axes);
  const wanted = trainingsOf(cells);
  const kept = new Map<string, Kept>();
  // By seed: another split needs other embeddings.
  const ordered = wanted.toSorted((a, b) => a.seed - b.seed);
  const shared = new SharedBySeed(axes, given, out, options);
  for (const [i, cell] of ordered.entries()) {
    options.onCell?.(cell, i, ordered.length);
    const found = await runCell(cell, axes, given, out, shared, options);
    kept.set(cellKey(cell), found);
    options.onResults?.(found.results, i + 1, ordered.length);
  }
  await shared.remove();
  const results = cells.flatMap((cell) =>
    kept.get(cellKey(cell))!.results.map((result) => ({ ...result, cell: pick(cell) })),
  );
  const warnings = [...new Set([...kept.values()].flatMap((each) => each.warnings)), ...keptTheirStart(kept, given)];
  return {
    folder: given.folder,
    mode: given.mode,
    plan: {
      cells,
      trainings: wanted.length,
      seconds: [...kept.values()].reduce((sum, { seconds }) => sum + seconds, 0),
    },
    tables: ablationTables(axes, cells, results),
    results,
    warnings,
  };
}

/** Where nothing that was learned was clearly better on the validation, what is compared is the start of the trainings. */
function keptTheirStart(kept: ReadonlyMap<string, Kept>, { mode }: TrainingOptions): string[] {
  const starts = [...kept.values()].filter(({ epochs }) => epochs === 0).length;
  if (mode === "whiten" || starts === 0) return [];
  return [
    `${starts} of ${kept.size} trainings kept their start, since nothing was clearly better on the validation: ` +
      "losses, the classifier's tricks and the order of the descriptors make no difference there. The tables after the last step show what they did.",
  ];
}

function pick({ config, losses, tricks, seed }: AblationCell): AblationCell {
  return { config, losses, tricks, seed };
}

async function runCell(
  cell: AblationCell,
  axes: AblationAxes,
  given: TrainingOptions,
  out: string,
  shared: SharedBySeed,
  { model, signal, onEvent, keepModels }: AblationOptions,
): Promise<Kept> {
  const options = optionsOf(cell, given);
  const hash = createHash("sha256").update(JSON.stringify([options, await stamp(model)]));
  const name =
    `${cell.config} ${cell.losses} ${cell.tricks} ${cell.seed} ${hash.digest("hex").slice(0, 12)}`.replaceAll("+", "-");
  const folder = join(out, "cells", name.replaceAll(" ", "_"));
  const file = join(folder, "result.json");
  const known = await readKept(file);
  if (known !== null) return known;
  signal?.throwIfAborted();
  const started = performance.now();
  const warnings: string[] = [];
  const tests = new Map<AblationEnd, TestRows>();
  const embeddings = await shared.of(cell.seed);
  const { model: made, epochs } = await runTraining(options, folder, {
    name: settingName(cell),
    model: async () => model,
    signal,
    compare: false,
    embeddings,
    onEvent,
    onTest({ dims, count, matrices }, images, end) {
      const labels = images.map(({ label }) => label);
      tests.set(end, { ...{ dims, count, matrices, labels }, paths: images.map(({ path }) => path) });
    },
  });
  const results: AblationResult[] = [];
  for (const [end, test] of tests) {
    for (const combine of axes.combine) {
      const figures = await testFigures(test, combine, signal);
      if (figures === null) warnings.push(`${cell.config}: its branches are not equally long, and cannot be added up.`);
      else results.push({ cell: pick(cell), combine, end, ...figures });
    }
  }
  if (!keepModels) await fs.rm(made, { force: true });
  const kept: Kept = { results, warnings, epochs, seconds: (performance.now() - started) / 1000 };
  await writeFileAtomically(file, new TextEncoder().encode(JSON.stringify(kept, null, 2)));
  return kept;
}

/** Embeddings of all descriptors, made once for the cells of a seed; in the mode `head` alone, where the network stays as it is. */
class SharedBySeed {
  readonly #make: (seed: number) => ReturnType<typeof shareEmbeddings>;
  readonly #out: string;
  readonly #use: boolean;
  #last: { readonly seed: number; readonly made: ReturnType<typeof shareEmbeddings> } | undefined;

  constructor(axes: AblationAxes, given: TrainingOptions, out: string, { model, signal, onEvent }: AblationOptions) {
    this.#out = join(out, "embeddings");
    this.#use = given.mode === "head";
    this.#make = async (seed) => {
      const folder = join(this.#out, `seed-${seed}`);
      await fs.mkdir(folder, { recursive: true });
      return shareEmbeddings({ ...given, seed, descriptors: allOf(axes) }, folder, model, { signal, onEvent });
    };
  }

  async of(seed: number): Promise<Awaited<ReturnType<typeof shareEmbeddings>> | undefined> {
    if (!this.#use) return undefined;
    if (this.#last?.seed !== seed) this.#last = { seed, made: this.#make(seed) };
    return this.#last.made;
  }

  /** When all is done: they can be made again, and are large. */
  async remove(): Promise<void> {
    await fs.rm(this.#out, { recursive: true, force: true });
  }
}

/** Every descriptor that a cell has, so that images are embedded once for all of them. */
function allOf({ configs }: AblationAxes): string {
  return [...new Set(configs.join(""))].join("");
}

/** A model that was replaced under its name gives other results. */
async function stamp(file: string): Promise<string> {
  return createHash("sha256")
    .update(await fs.readFile(file))
    .digest("hex");
}

/** null where the cell is not finished, or its file is damaged: it is made again. */
async function readKept(file: string): Promise<Kept | null> {
  try {
    const kept = JSON.parse((await readRegularFile(file, MAX_KEPT)).toString("utf8")) as Kept;
    const whole = Array.isArray(kept.results) && kept.results.length > 0 && Array.isArray(kept.warnings);
    return whole && kept.results.every(({ end }) => ABLATION_ENDS.includes(end)) ? kept : null;
  } catch {
    return null;
  }
}
