import { Worker } from "node:worker_threads";
import { ModelError } from "../errors.ts";
import type { Frame, Tokens } from "./splitter.ts";
import type { TokenQuestion, TokenReply, TokenWork } from "./tokenThread.ts";

/** The sources run as they are; in the bundle every chunk lies one folder beside the thread's. */
const THREAD = import.meta.url.endsWith(".ts")
  ? new URL("./tokenThread.ts", import.meta.url)
  : new URL("../text/tokenThread.mjs", import.meta.url);

/** Seconds: a text takes a thousandth of one, reading a vocabulary of a quarter million words up to three. */
const PATIENCE = { text: 10, vocabulary: 30 };
/** Memory of the thread, in MB: the largest known tokenizer takes some 300. */
const MEMORY = 1536;

/**
 * Splits texts as a tower was trained to, in a thread of its own: a tokenizer is a file of others, whose patterns may come to no
 * end and whose vocabulary may unfold to anything. Who waits for it holds nothing else up.
 */
export class TextTokens {
  readonly #work: TokenWork;
  readonly #patience: number;
  #worker: Promise<Worker> | undefined;
  /** Questions follow one another, so that the time of one is its own. */
  #last: Promise<unknown> = Promise.resolve();

  private constructor(work: TokenWork, patience: number) {
    this.#work = work;
    this.#patience = patience;
  }

  /**
   * @param tokenizer JSON of a `TokenizerFiles`
   * @param file its name, for messages
   * @param patience seconds for a text
   * @throws ModelError where the tokenizer is of an unknown kind or cannot be read
   */
  static async open(
    tokenizer: string,
    { context, pad, clean }: Frame,
    file: string,
    patience = PATIENCE.text,
  ): Promise<TextTokens> {
    const tokens = new TextTokens({ tokenizer, frame: { context, pad, clean }, file }, patience);
    await tokens.#thread();
    return tokens;
  }

  /** See `open`: for as long as `work` takes. */
  static async use<T>(
    tokenizer: string,
    frame: Frame,
    file: string,
    work: (tokens: TextTokens) => Promise<T>,
  ): Promise<T> {
    const tokens = await TextTokens.open(tokenizer, frame, file);
    try {
      return await work(tokens);
    } finally {
      await tokens.release();
    }
  }

  /** The id of a token; undefined where there is no such token. */
  async idOf(token: string): Promise<number | undefined> {
    return (await this.#ask({ idOf: token })) as number | undefined;
  }

  /** @throws ModelError where the tokenizer comes to no end, or takes too much memory. @returns null where nothing is left of the text */
  async split(text: string): Promise<Tokens | null> {
    return (await this.#ask({ split: text })) as Tokens | null;
  }

  async release(): Promise<void> {
    const worker = await this.#worker?.catch(() => undefined);
    this.#worker = undefined;
    await worker?.terminate();
  }

  #ask(question: TokenQuestion): Promise<unknown> {
    const answer = this.#last.then(async () => {
      const worker = await this.#thread();
      try {
        return await this.#reply(worker, this.#patience, () => worker.postMessage(question));
      } catch (error) {
        // Another text may do no harm: it has a thread that is not stuck.
        await this.release();
        throw error;
      }
    });
    this.#last = answer.catch(() => {});
    return answer;
  }

  /** The thread, once it has read the tokenizer. */
  #thread(): Promise<Worker> {
    this.#worker ??= (async () => {
      const worker = new Worker(THREAD, {
        workerData: this.#work,
        resourceLimits: { maxOldGenerationSizeMb: MEMORY },
      });
      // What ends it while nobody asks is told at the next question.
      worker.on("error", () => {});
      try {
        await this.#reply(worker, PATIENCE.vocabulary);
        return worker;
      } catch (error) {
        this.#worker = undefined;
        await worker.terminate();
        throw error;
      }
    })();
    return this.#worker;
  }

  /** The next thing that the thread tells. It holds the process alive until then. */
  async #reply(worker: Worker, seconds: number, ask: () => void = () => {}): Promise<unknown> {
    const refusal = (reason: string, cause?: unknown) =>
      new ModelError(`The tokenizer of ${this.#work.file} cannot be used: ${reason}. Choose another text tower.`, {
        cause,
      });
    let leave = () => {};
    try {
      return await new Promise((resolve, reject) => {
        // Counted in turns of this thread: while it is busy itself, nothing that the other told can be heard.
        let turns = 0;
        const watch = setInterval(() => {
          if (++turns > seconds) reject(refusal(`it takes longer than ${seconds} s`));
        }, 1000);
        const onMessage = (reply: TokenReply) => {
          if (reply.kind !== "failed") resolve(reply.kind === "done" ? reply.result : undefined);
          else reject(reply.isWhole ? new ModelError(reply.message) : refusal(reply.message));
        };
        const onError = (cause: Error & { readonly code?: string }) =>
          reject(
            refusal(cause.code === "ERR_WORKER_OUT_OF_MEMORY" ? "it takes too much memory" : cause.message, cause),
          );
        const onExit = () => reject(refusal("its thread ended"));
        leave = () => {
          clearInterval(watch);
          worker.off("message", onMessage).off("error", onError).off("exit", onExit).unref();
        };
        worker.on("message", onMessage).on("error", onError).on("exit", onExit).ref();
        ask();
      });
    } finally {
      leave();
    }
  }
}
