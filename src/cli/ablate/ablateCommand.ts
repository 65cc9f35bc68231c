import { basename, resolve } from "node:path";
import {
  type AblationAxes,
  type AblationPlan,
  count,
  type DeviceChoice,
  TRAINING_DEFAULTS,
  type TrainingMode,
  type TrainingOptions,
} from "../../shared/index.ts";
import { refuseLoneColumn } from "../labelOptions.ts";
import { loadCore, openModel, shelfOf } from "../tools.ts";

export interface AblateCommandOptions extends Omit<AblationAxes, "full"> {
  readonly out?: string;
  readonly full?: boolean;
  readonly plan?: boolean;
  readonly labels?: string;
  readonly column?: string;
  readonly model?: string;
  readonly mode: TrainingMode;
  readonly epochs?: number;
  readonly dim?: number;
  readonly keepModels?: boolean;
  readonly device?: DeviceChoice;
  readonly json?: boolean;
}

/** `lookalike ablate`: progress goes to stderr, the tables to stdout. Ctrl-C stops; the same command goes on. */
export async function ablateCommand(folder: string, given: AblateCommandOptions): Promise<void> {
  const core = await loadCore();
  const { configs, losses, tricks, combine, seeds, full = false } = given;
  for (const config of configs) core.parseDescriptors(config);
  const axes: AblationAxes = { configs, losses, tricks, combine, seeds, full };
  refuseLoneColumn(given);
  const options: TrainingOptions = {
    ...TRAINING_DEFAULTS,
    folder: resolve(folder),
    labels: given.labels === undefined ? null : resolve(given.labels),
    labelColumn: given.column ?? null,
    mode: given.mode,
    ...(given.epochs === undefined ? {} : { epochs: given.epochs }),
    ...(given.dim === undefined ? {} : { dim: given.dim }),
    device: given.device ?? "auto",
  };
  const model = await shelfOf(core).find(given.model ?? "default");
  if (given.plan) {
    const plan = await core.planAblation(axes, options, async (one) => {
      const embedder = await openModel(core, model, options.device ?? "auto");
      try {
        return (await core.readTrainingData(one, undefined, embedder)).seconds;
      } finally {
        await embedder.release();
      }
    });
    console.log(given.json ? JSON.stringify(plan, null, 2) : describePlan(plan));
    return;
  }
  const out = resolve(given.out ?? `${basename(options.folder)}-ablation`);
  const abort = new AbortController();
  const stop = () => abort.abort();
  process.once("SIGINT", stop);
  try {
    const report = await core.runAblation(axes, options, out, {
      model,
      signal: abort.signal,
      keepModels: given.keepModels,
      onCell: (cell, done, of) => {
        const { config, losses: loss, tricks: trick, seed } = cell;
        console.error(
          `${done + 1} of ${of}: ${config}, ${loss}${loss === "ranking" ? "" : `, ${trick}`}, seed ${seed}`,
        );
      },
      onEvent: (event) => {
        if (event.type === "warning") console.error(`note: ${event.message}`);
      },
    });
    const files = await core.writeTables(report, out);
    console.log(given.json ? JSON.stringify(report, null, 2) : core.ablationMarkdown(report));
    console.error(`Written: ${files.join(", ")}`);
  } catch (error) {
    if (!abort.signal.aborted) throw error;
    console.error("Stopped. The same command goes on where this one ended.");
    process.exitCode = 130;
  } finally {
    process.removeListener("SIGINT", stop);
  }
}

function describePlan({ cells, trainings, seconds }: AblationPlan): string {
  const lines = cells.map(({ config, losses, tricks, seed, sameAs }) => {
    const setting = losses === "ranking" ? `${config}, ${losses}` : `${config}, ${losses}, ${tricks}`;
    const same = sameAs === null ? "" : `  the same training as ${sameAs.config}, ${sameAs.losses}, ${sameAs.tricks}`;
    return `${setting}, seed ${seed}${same}`;
  });
  const time = seconds === null ? "how long they take is not known" : `about ${Math.ceil(seconds / 60)} min`;
  return [`${count(cells.length, "cell")}, ${count(trainings, "training")}; ${time}`, "", ...lines].join("\n");
}
