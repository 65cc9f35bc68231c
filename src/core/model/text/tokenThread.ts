/** A worker thread that splits texts for `TextTokens`. It loads no native module, so that it can be ended at any moment. */
import { parentPort, workerData } from "node:worker_threads";
import * as v from "valibot";
import { ModelError } from "../errors.ts";
import { type Frame, Splitter, type Tokens } from "./splitter.ts";

export interface TokenWork {
  /** JSON of a `TokenizerFiles`. */
  readonly tokenizer: string;
  readonly frame: Frame;
  /** Its name, for messages. */
  readonly file: string;
}

export type TokenQuestion = { readonly split: string } | { readonly idOf: string };

/** `ready` comes once, where the tokenizer could be read. */
export type TokenReply =
  | { readonly kind: "ready" }
  | { readonly kind: "done"; readonly result: Tokens | number | null | undefined }
  /** `isWhole`: words for the user, to be said as they are. */
  | { readonly kind: "failed"; readonly message: string; readonly isWhole: boolean };

const FilesSchema = v.object({ tokenizer: v.looseObject({}), config: v.looseObject({}) });

const port = parentPort;
if (port === null) throw new Error("tokenThread runs in a worker thread");
const { tokenizer, frame, file } = workerData as TokenWork;

function answered(work: () => TokenReply): TokenReply {
  try {
    return work();
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { kind: "failed", message, isWhole: error instanceof ModelError };
  }
}

let splitter: Splitter | undefined;
const first = answered(() => {
  splitter = new Splitter(v.parse(FilesSchema, JSON.parse(tokenizer)), frame, file);
  return { kind: "ready" };
});
port.on("message", (question: TokenQuestion) => {
  const reply = answered(() => ({
    kind: "done",
    result: "split" in question ? splitter?.split(question.split) : splitter?.idOf(question.idOf),
  }));
  port.postMessage(reply);
});
port.postMessage(first);
