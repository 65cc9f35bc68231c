import type { TrainingEvent } from "../../../shared/index.ts";

/** What the torch engine tells of its own, beside events that are passed on as they are. */
export type TorchMessage =
  | {
      readonly type: "evaluation";
      readonly epoch: number;
      readonly best: boolean;
      readonly validation?: number;
      /** File in the job's folder with the embeddings of the test images, a tensor per branch. */
      readonly rows?: string;
    }
  | { readonly type: "trained"; readonly epoch: number; readonly stopped: boolean }
  | { readonly type: "failed"; readonly message: string }
  | { readonly type: "event"; readonly event: TrainingEvent };

type Fields = Readonly<Record<string, unknown>>;

const isNumber = (value: unknown): value is number => typeof value === "number" && Number.isFinite(value);
const isText = (value: unknown): value is string => typeof value === "string";
const isFlag = (value: unknown): value is boolean => typeof value === "boolean";

/** A line of the engine; undefined for what is none of its messages, such as a print of a library. */
export function readMessage(line: string): TorchMessage | undefined {
  let fields: Fields;
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value !== "object" || value === null) return undefined;
    fields = { ...value };
  } catch {
    return undefined;
  }
  const type = String(fields["type"]);
  return Object.hasOwn(READERS, type) ? READERS[type]?.(fields) : undefined;
}

const passed = (event: TrainingEvent): TorchMessage => ({ type: "event", event });

const READERS: Readonly<Record<string, (fields: Fields) => TorchMessage | undefined>> = {
  evaluation({ epoch, best, validation, rows }) {
    if (!isNumber(epoch) || !isFlag(best)) return undefined;
    const found = isNumber(validation) ? { validation } : {};
    // A name, and no way out of the folder.
    const file = isText(rows) && /^rows-\d+\.safetensors$/.test(rows) ? { rows } : {};
    return { type: "evaluation", epoch, best, ...found, ...file };
  },
  trained: ({ epoch, stopped }) =>
    isNumber(epoch) && isFlag(stopped) ? { type: "trained", epoch, stopped } : undefined,
  failed: ({ message }) => (isText(message) ? { type: "failed", message } : undefined),
  warning: ({ message }) => (isText(message) ? passed({ type: "warning", message }) : undefined),
  paused: () => passed({ type: "paused" }),
  resumed: () => passed({ type: "resumed" }),
  device: ({ used }) =>
    used === "cpu" || used === "cuda" ? passed({ type: "device", work: "training", used, reason: null }) : undefined,
  progress({ done, total, imagesPerSecond, secondsLeft }) {
    if (!isNumber(done) || !isNumber(total) || !isNumber(imagesPerSecond)) return undefined;
    const left = isNumber(secondsLeft) ? secondsLeft : null;
    return passed({ type: "progress", phase: "training", done, total, imagesPerSecond, secondsLeft: left });
  },
  step({ epoch, step, loss, rankingLoss, classificationLoss, active, p }) {
    if (!isNumber(epoch) || !isNumber(step)) return undefined;
    const exponents = typeof p === "object" && p !== null ? Object.entries(p) : [];
    // What is no number any more comes as null, since JSON has none for it.
    const figure = (value: unknown) => (isNumber(value) ? value : Number.NaN);
    return passed({
      type: "step",
      epoch,
      step,
      loss: figure(loss),
      rankingLoss: figure(rankingLoss),
      classificationLoss: figure(classificationLoss),
      active: figure(active),
      p: Object.fromEntries(exponents.filter((entry): entry is [string, number] => isNumber(entry[1]))),
    });
  },
};
