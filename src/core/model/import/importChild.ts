/**
 * A process that reads networks of others and makes models of them: unfolding one can take seconds or any memory, and whoever
 * waits for it goes on and can end it.
 */
import { totalmem } from "node:os";
import { endWithParent, limitMemory } from "../../processes/index.ts";
import { backboneIn } from "../backbones/index.ts";
import { ModelError, NothingToTakeError } from "../errors.ts";
import { writeModelFile } from "../modelFile.ts";
import { compactModel } from "../storage/index.ts";
import { buildUntrainedModel } from "../untrainedModel.ts";
import { importModel, inspectModel } from "./importModel.ts";
import type { ImportFailure, ImportMessage, ImportTask, ImportTasks, ImportWork } from "./importTask.ts";

/** Bytes that the process may take on a small machine; half of a larger one's. The largest networks, of 2 GB, take some three times as much. */
const LEAST_MEMORY = 4 * 2 ** 30;

endWithParent();
limitMemory(Math.max(LEAST_MEMORY, totalmem() / 2));

const TASKS: { readonly [K in ImportTask]: (params: ImportTasks[K]["params"]) => Promise<ImportTasks[K]["result"]> } = {
  inspect: ({ file, ...options }) => inspectModel(file, options),
  import: (options) => importModel(options),
  async build({ weights, descriptors, name, out }) {
    const notes: string[] = [];
    const onNote = (text: string) => void notes.push(text);
    const model = buildUntrainedModel({ backbone: backboneIn(weights), weights, descriptors, name, onNote });
    await writeModelFile(out, compactModel(model, name));
    return notes;
  },
};

const send = (message: ImportMessage) => process.send?.(message);

process.on("message", async ({ kind, params }: ImportWork) => {
  const alive = setInterval(() => send({ kind: "alive" }), 500);
  try {
    // The one who asks sends what its kind of task takes.
    const work = TASKS[kind] as (params: unknown) => Promise<unknown>;
    send({ kind: "done", result: await work(params) });
  } catch (error) {
    send({ kind: "failed", failure: described(error) });
  } finally {
    clearInterval(alive);
  }
});

function described(error: unknown): ImportFailure {
  if (!(error instanceof Error)) return { known: false, message: String(error), details: "", values: null };
  const { message, cause } = error;
  const details = cause instanceof Error ? (cause.stack ?? cause.message) : "";
  const values = error instanceof NothingToTakeError ? error.values : null;
  return { known: error instanceof ModelError, message, details, values };
}
