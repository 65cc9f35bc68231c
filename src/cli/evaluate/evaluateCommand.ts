import { resolve } from "node:path";
import { type Dataset, type EvaluationProtocol, evaluationJson, visible } from "../../shared/index.ts";
import { type IndexPlaceOptions, loadCore, openModel, shelfOf } from "../tools.ts";
import { evaluationProgress } from "./progress.ts";
import { describeEvaluation } from "./table.ts";

export interface EvaluateCommandOptions extends Omit<IndexPlaceOptions, "model"> {
  readonly labels?: string;
  readonly column?: string;
  readonly protocol?: EvaluationProtocol;
  readonly dataset?: Dataset;
  readonly boxes?: string;
  readonly cropped?: boolean;
  readonly model?: readonly string[];
  readonly searchedOnly?: boolean;
  readonly copies?: boolean;
  readonly weights?: "auto" | "equal";
  readonly html?: string;
  readonly json?: boolean;
}

/** `lookalike evaluate`: progress goes to stderr, the report to stdout. Ctrl-C stops; what was embedded is kept. */
export async function evaluateCommand(folder: string, options: EvaluateCommandOptions): Promise<void> {
  const core = await loadCore();
  if (options.column !== undefined && options.labels === undefined) {
    throw new Error(`--column ${options.column} needs the table that has it: give --labels <file> as well.`);
  }
  const shelf = shelfOf(core);
  const models: string[] = [];
  for (const name of options.model ?? []) models.push(await shelf.find(name));
  if (models.length === 0) {
    const { file, warning } = await shelf.selected(folder);
    if (warning !== undefined) console.error(warning);
    models.push(file);
  }
  const abort = new AbortController();
  const stop = () => abort.abort();
  process.once("SIGINT", stop);
  const pool = new core.EmbedderPool((path) => openModel(core, path, options.device ?? "auto"), options.device);
  const progress = evaluationProgress();
  try {
    // Before minutes of work, not after them.
    if (options.html !== undefined) await core.proveWritable(options.html);
    const report = await core.evaluateFolder(folder, models, pool, {
      labels: options.labels === undefined ? undefined : resolve(options.labels),
      column: options.column,
      dataset: options.dataset,
      protocol: options.protocol,
      boxes: options.boxes === undefined ? undefined : resolve(options.boxes),
      cropped: options.cropped,
      copies: options.copies,
      weights: options.weights,
      searchedOnly: options.searchedOnly,
      location: options.index,
      adapt: options.adapt,
      form: options.form,
      warn: console.error,
      signal: abort.signal,
      onProgress: progress.show,
    });
    progress.end();
    await shelf
      .keepScores(models, report)
      .catch((error: unknown) => console.error(`The scores are not kept: ${String(error)}`));
    for (const warning of report.warnings) console.error(visible(warning));
    console.log(options.json ? JSON.stringify(evaluationJson(report), null, 2) : describeEvaluation(report));
    if (options.html !== undefined) {
      await core.writeFileAtomically(options.html, new TextEncoder().encode(core.evaluationHtml(report)));
      console.error(`The report is in ${options.html}.`);
    }
  } catch (error) {
    progress.end();
    if (!abort.signal.aborted) throw error;
    console.error("Stopped. What was embedded is kept.");
    process.exitCode = 130;
  } finally {
    process.removeListener("SIGINT", stop);
    await pool.release();
  }
}
