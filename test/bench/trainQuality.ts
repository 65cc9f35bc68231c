/** Recall@1 on held-out classes: the default model as it is, adapted without labels, and trained; as many seeds as asked for, 3 unless told. */
import { mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { ensureDefaultModel } from "../../scripts/buildModel.ts";
import { runTraining } from "../../src/core/index.ts";
import {
  COMBINED,
  type Recalls,
  TRAINING_DEFAULTS,
  type TrainingEvent,
  type TrainingMode,
  type TrainingOptions,
  type TrainingResult,
} from "../../src/shared/index.ts";
import { ensureEmoji } from "../fixtures/emoji.ts";

interface Row {
  readonly model: string;
  readonly recalls: readonly Recalls[];
}

/** Trains once per seed; each seed holds out another half of the classes. */
async function rowsOf(
  folder: string,
  given: Partial<TrainingOptions> & { readonly mode: TrainingMode },
): Promise<Row[]> {
  const model = ensureDefaultModel();
  const results: (TrainingResult & { readonly epochZero: Recalls })[] = [];
  for (let seed = 1; seed <= seeds; seed++) {
    const scratch = mkdtempSync(join(tmpdir(), "lookalike-quality-"));
    try {
      const options: TrainingOptions = { ...TRAINING_DEFAULTS, folder, device: "cpu", ...given, seed };
      let epochZero: Recalls | undefined;
      let estimate: number | null | undefined;
      const result = await runTraining(options, scratch, {
        name: "bench",
        model: async () => model,
        onEvent(event) {
          if (event.type === "evaluation" && event.epoch === 0) epochZero = event.recalls;
          if (event.type === "data") estimate = event.data.seconds;
          if (event.type === "evaluation") console.error(`  ${describe(event)}`);
          if (event.type === "warning") console.error(event.message);
        },
      });
      const estimated = typeof estimate !== "number" ? "" : ` (estimated: ${estimate.toFixed(0)} s)`;
      console.error(`  seed ${seed}: ${result.seconds.toFixed(0)} s${estimated}, best after ${result.epochs} epochs`);
      results.push({ ...result, epochZero: epochZero ?? result.trained });
    } finally {
      rmSync(scratch, { recursive: true, force: true });
    }
  }
  const adapted = results.flatMap((result) => (result.adapted === undefined ? [] : [result.adapted]));
  return [
    { model: "as it is", recalls: results.map((result) => result.baseline) },
    ...(adapted.length > 0 ? [{ model: "adapted, no labels", recalls: adapted }] : []),
    { model: `${given.mode}, at its start`, recalls: results.map((result) => result.epochZero) },
    { model: given.mode, recalls: results.map((result) => result.trained) },
  ];
}

function describe({ epoch, recalls, validation, best }: Extract<TrainingEvent, { type: "evaluation" }>): string {
  const held = validation === undefined ? "" : `, MAP@R of the validation ${(100 * validation).toFixed(1)}`;
  return `epoch ${epoch}: Recall@1 ${(100 * (recalls[COMBINED]!["recall@1"] ?? Number.NaN)).toFixed(1)}${held}${best ? ", the best" : ""}`;
}

function print(set: string, rows: readonly Row[]): void {
  const columns = Object.keys(rows[0]!.recalls[0]!);
  console.log(`| ${["set", "model", ...columns].join(" | ")} |`);
  for (const { model, recalls } of rows) {
    const cells = columns.map((column) => {
      const values = recalls.map((one) => 100 * (one[column]?.["recall@1"] ?? Number.NaN));
      const mean = values.reduce((sum, x) => sum + x, 0) / values.length;
      return `${mean.toFixed(1)} (${Math.min(...values).toFixed(1)} to ${Math.max(...values).toFixed(1)})`;
    });
    console.log(`| ${[set, model, ...cells].join(" | ")} |`);
  }
}

async function emojiSet(): Promise<{ folder: string; set: string }> {
  const { folder, images } = await ensureEmoji({ classes: emoji });
  if (without === 0) return { folder, set: `${emoji} emoji` };
  const left = new Set((await ensureEmoji({ classes: without })).images.map(({ label }) => label));
  const labels = [...new Set(images.map(({ label }) => label))].filter((label) => !left.has(label));
  const others = mkdtempSync(join(tmpdir(), "lookalike-emoji-"));
  process.on("exit", () => rmSync(others, { recursive: true, force: true }));
  for (const label of labels) symlinkSync(join(folder, label), join(others, label), "junction");
  return { folder: others, set: `${labels.length} other emoji` };
}

// npm runs scripts in the project's folder; a relative path is meant from where the user typed it.
const words = process.argv.slice(2);
const options = Object.fromEntries(
  words.filter((word) => word.startsWith("--")).map((word) => word.slice(2).split("=") as [string, string]),
);
const given = words
  .filter((word) => !word.startsWith("--"))
  .map((folder) => resolve(process.env["INIT_CWD"] ?? ".", folder));
const number = (name: string) => (options[name] === undefined ? {} : { [name]: Number(options[name]) });
const mode = (options["mode"] ?? "head") as TrainingMode;
const emoji = Number(options["emoji"] ?? 300);
const seeds = Number(options["seeds"] ?? 3);
/** Leaves out the first so many emoji: those that a recipe was chosen on. */
const without = Number(options["without"] ?? 0);
const folders = [
  ...(emoji > 0 ? [await emojiSet()] : []),
  ...given.map((folder) => ({ folder, set: basename(folder) })),
];
const numbers = ["epochs", "learningRate", "dim", "inputSize", "classesPerBatch", "margin", "warmupSteps"].map(number);
const word = (name: string) => (options[name] === undefined ? {} : { [name]: options[name] });
const said = ["trainFrom", "ranking", "lastDownsampling", "batchNorm"].map(word);
for (const { folder, set } of folders) {
  print(set, await rowsOf(folder, Object.assign({ mode }, ...said, ...numbers)));
}
