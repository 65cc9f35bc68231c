import { SingleBar } from "cli-progress";
import type * as Core from "../core/index.ts";
import { count, type IndexProgress, type SuggestedWeights, visible, type WeightChoice } from "../shared/index.ts";
import { describeIndexing } from "./indexReport.ts";
import { type LabelOptions, labelsFrom } from "./labelOptions.ts";
import { type IndexPlaceOptions, withFolderIndex } from "./tools.ts";
import { describeWeights } from "./weighing.ts";

interface IndexOptions extends IndexPlaceOptions, LabelOptions {
  readonly weights?: WeightChoice;
  readonly rebuild?: boolean;
  readonly refit?: boolean;
  readonly second?: boolean;
  readonly handcrafted?: boolean;
  readonly acceptRemoved?: boolean;
  readonly shard?: Core.Shard;
  readonly finish?: boolean;
  readonly copyFrom?: string;
  readonly shareThumbnails?: boolean;
  readonly include?: readonly string[];
  readonly exclude?: readonly string[];
  readonly gitignore?: boolean;
  readonly shadows?: boolean;
  readonly wholeOnly?: boolean;
  readonly json?: boolean;
}

/** Images from which a faster model is worth a word. */
const OFFER_FROM = 1000;

/** `lookalike index`: progress goes to stderr, the summary to stdout. Ctrl-C stops and keeps what is done. The exit code is 2
 * where nearly all images are gone at once, and that was not accepted. */
export async function indexCommand(folder: string, options: IndexOptions): Promise<void> {
  const { shard, refit, finish, copyFrom } = options;
  const rebuild = options.rebuild ?? refit;
  if (shard !== undefined && rebuild)
    throw new Error(`${refit ? "--refit" : "--rebuild"} is for all parts at once: leave --shard out.`);
  if (finish && (shard !== undefined || rebuild)) throw new Error("--finish comes after all parts: give it alone.");
  if (copyFrom !== undefined && (shard !== undefined || rebuild || finish)) {
    throw new Error("--copy-from comes before a run: give it alone.");
  }
  if (refit && options.adapt === false) throw new Error("--refit adapts the model anew: leave --no-adapt out.");
  if ((options.labels ?? options.column) !== undefined && options.weights !== "names" && options.weights !== "auto") {
    throw new Error("--labels says what chooses the weights: give --weights names as well.");
  }
  return withFolderIndex(folder, options, async (index, core, modelFile) => {
    const abort = new AbortController();
    process.once("SIGINT", () => abort.abort());
    const progress = process.stderr.isTTY ? progressBar() : undefined;
    try {
      if (copyFrom !== undefined) {
        const copied = await index.copyFrom(copyFrom, { signal: abort.signal });
        console.log(options.json ? JSON.stringify(copied, null, 2) : describeCopy(copied));
        return;
      }
      if (finish) {
        await index.finish({ signal: abort.signal, onProgress: (state) => progress?.show(state) });
        progress?.end();
        const health = await index.health();
        const weights = await index.weights();
        console.log(options.json ? JSON.stringify({ ...health, weights }, null, 2) : describeFinished(health));
        if (!options.json && weights !== null) console.log(visible(describeWeights(weights)));
        return;
      }
      const summary = await index.update({
        rebuild: options.rebuild,
        refit,
        // Who asks for the gate asks what it is for: whether more branches may vote.
        second: options.second ?? (options.weights === "gate" ? true : undefined),
        handcrafted: options.handcrafted ?? (options.weights === "gate" ? true : undefined),
        acceptRemoved: options.acceptRemoved,
        shard: options.shard,
        shareThumbnails: options.shareThumbnails,
        filter: {
          include: options.include ?? [],
          exclude: options.exclude ?? [],
          gitignore: options.gitignore ?? false,
          shadows: options.shadows ?? false,
          wholeOnly: options.wholeOnly ?? false,
        },
        signal: abort.signal,
        onProgress: (state) => progress?.show(state),
      });
      const weights = shard === undefined ? await weightsAfter(index, core, options, abort.signal) : null;
      progress?.end();
      console.log(options.json ? JSON.stringify({ ...summary, weights }, null, 2) : describeIndexing(visible(summary)));
      if (!options.json && weights !== null) console.log(visible(describeWeights(weights)));
      // Made before there were weights: it goes on as it was, until somebody asks.
      else if (!options.json && shard === undefined && summary.unchanged > 0) console.log(NO_WEIGHTS);
      const worthIt = summary.device === "cpu" && summary.indexed + summary.updated >= OFFER_FROM;
      if (worthIt && index.manifest.precision !== "int8" && core.hasInt8DotProduct()) {
        // Who has an int8 form and indexes in float has said so.
        if ((await core.formsOf(modelFile)).int8 === null) console.error(int8Offer(modelFile, folder));
      }
    } catch (error) {
      progress?.end();
      if (error instanceof core.VanishedError) return refused(folder, error, options.json);
      if (!abort.signal.aborted) throw error;
      const { indexed } = await index.status();
      console.error(`Stopped. ${count(indexed, "image")} can be found; run the command again to go on.`);
      process.exitCode = 130;
    }
  });
}

const NO_WEIGHTS =
  "weights all the same: this index holds none yet (--weights auto chooses some, or says why it cannot)";

/** The weights that the index holds after a run, chosen anew where that was asked for. */
async function weightsAfter(
  index: Core.FolderIndex,
  core: typeof Core,
  options: IndexOptions,
  signal: AbortSignal,
): Promise<SuggestedWeights | null> {
  const { weights: choice } = options;
  if (choice === undefined) return index.weights();
  const labels = options.labels === undefined ? undefined : await labelsFrom(options, index, core);
  return index.suggestWeights({ choice, labels, signal }, true);
}

/** Nothing was removed; a script tells it by the exit code 2. */
function refused(folder: string, { message, gone, indexed }: Core.VanishedError, json = false): void {
  if (json) console.log(JSON.stringify({ vanished: { gone, indexed } }, null, 2));
  console.error(`${message}\nIf they were deleted on purpose: lookalike index "${folder}" --accept-removed`);
  process.exitCode = 2;
}

function progressBar(): { show(progress: IndexProgress): void; end(): void } {
  const bar = new SingleBar({
    format: "{work} {bar} {value}/{total} images · {rate}/s · {left}",
    barCompleteChar: "█",
    barIncompleteChar: "░",
    hideCursor: true,
    stream: process.stderr,
  });
  let shown: IndexProgress["phase"] | undefined;
  return {
    show({ phase, done, total, imagesPerSecond, secondsLeft }) {
      if (phase === "waiting" && shown !== phase) {
        shown = phase;
        process.stderr.write("Another process indexes this folder; waiting for it.\n");
      }
      if (total === 0) return;
      const left = secondsLeft === null ? "" : `${Math.ceil(secondsLeft)} s left`;
      const work =
        { adapting: "Adapting the model", arranging: "Arranging for search", sharing: "Storing thumbnails" }[
          String(phase)
        ] ?? "Embedding";
      const payload = { work, rate: imagesPerSecond.toFixed(0), left };
      if (shown !== phase) {
        if (shown !== undefined && shown !== "waiting") bar.stop();
        bar.start(total, done, payload);
      } else bar.update(done, payload);
      shown = phase;
    },
    end() {
      if (shown !== undefined && shown !== "waiting") bar.stop();
    },
  };
}

function describeCopy({ copied, already, images, proof }: Core.CopySummary): string {
  return [
    `${copied} copied, ${already} were there already; all ${images} images of the source are there, the same`,
    `SHA-256 of paths, contents and vectors, on both sides: ${proof}`,
  ].join("\n");
}

function describeFinished({ rows, duplicates, orphans, integrity }: Core.StoreHealth): string {
  return `${count(rows, "image")} can be found, ${duplicates} twice, ${orphans} without an embedding; the file is ${integrity}`;
}

function int8Offer(modelFile: string, folder: string): string {
  return (
    "This processor is quick at int8. To write a model that embeds faster, and see what it costs in recall: " +
    `lookalike model quantize "${modelFile}" --calibrate "${folder}" --out int8.onnx`
  );
}
