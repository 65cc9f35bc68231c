import type { ChildProcess } from "node:child_process";
import type * as Ort from "onnxruntime-node";
import { startServer, TOO_MUCH_MEMORY } from "../../processes/index.ts";

export interface TrialTensor {
  readonly type: "float32" | "uint8" | "int64" | "int32";
  readonly data: Float32Array | Uint8Array | BigInt64Array | Int32Array;
  readonly dims: readonly number[];
}

export interface TrialOutput {
  readonly type: string;
  readonly dims: readonly number[];
  /** Null where only shapes were asked for, or the values are no float32. */
  readonly data: Float32Array | null;
}

export type TrialRequest =
  | {
      readonly load: string;
      readonly options: Ort.InferenceSession.SessionOptions;
      /** Bytes that the process may take from here on; no limit where absent. */
      readonly memory?: number;
    }
  | {
      readonly feeds: Readonly<Record<string, TrialTensor>>;
      readonly fetches: readonly string[];
      readonly shapesOnly: boolean;
    };

type Answer = { readonly ok: unknown } | { readonly error: string };

/** The process ended, or was ended because it took too long. */
export class TrialEnded extends Error {
  override readonly name = "TrialEnded";
}

/** Milliseconds. A large network takes seconds for an image; a damaged one can loop for ever. */
const PATIENCE = 60_000;
/** Milliseconds until an idle process is let go. */
const IDLE = 5_000;

/**
 * A process in which networks that nobody has run before are tried, and images at which a run ended the engine.
 * onnxruntime is native code: damaged or hostile files make it fail assertions or take all memory, and then it ends its
 * process, which must not be this one. Requests must not overlap.
 */
export class TrialProcess {
  #child: ChildProcess | undefined;
  #idle: NodeJS.Timeout | undefined;
  readonly #patience: number;

  /** @param patience milliseconds until a request that is not answered ends the process */
  constructor(patience = PATIENCE) {
    this.#patience = patience;
  }

  /** @throws TrialEnded where the process ended; another Error with the runtime's message where it refused */
  request(message: TrialRequest): Promise<unknown> {
    clearTimeout(this.#idle);
    const child = this.#child ?? this.#start();
    child.ref();
    child.channel?.ref();
    return new Promise<unknown>((resolve, reject) => {
      let late = false;
      const patience = setTimeout(() => {
        late = true;
        child.kill("SIGKILL");
      }, this.#patience);
      const done = (settle: () => void) => {
        clearTimeout(patience);
        child.removeAllListeners("message").removeAllListeners("exit").removeAllListeners("error");
        settle();
      };
      const ended = (how: string) => {
        this.#child = undefined;
        done(() => reject(new TrialEnded(how)));
      };
      child.once("message", (answer: Answer) => {
        this.#rest(child);
        done(() => ("ok" in answer ? resolve(answer.ok) : reject(new Error(answer.error))));
      });
      child.once("exit", (code, signal) => {
        if (late) ended(`no answer within ${this.#patience / 1000} s`);
        else ended(signal === TOO_MUCH_MEMORY ? "it took more memory than it may" : (signal ?? `exit code ${code}`));
      });
      child.once("error", (error) => ended(error.message));
      child.send(message, (error) => {
        if (error !== null) child.kill("SIGKILL");
      });
    });
  }

  #start(): ChildProcess {
    const child = startServer(serve, "onnxruntime-node", "advanced");
    this.#child = child;
    return child;
  }

  /** Lets the process go; the next request starts another. To be called between requests. */
  end(): void {
    clearTimeout(this.#idle);
    this.#child?.kill();
    this.#child = undefined;
  }

  /** An idle process is no reason for this one to stay. */
  #rest(child: ChildProcess): void {
    child.unref();
    child.channel?.unref();
    this.#idle = setTimeout(() => {
      if (this.#child === child) this.#child = undefined;
      child.kill();
    }, IDLE);
    this.#idle.unref();
  }
}

/** Runs in the other process, which gets its text: it may use nothing but its parameters. */
function serve(ort: typeof Ort, self: NodeJS.Process): void {
  const quiet = { logSeverityLevel: 4 } as const;
  // In a thread of its own, since native code holds this one.
  const guard = `
    const { parentPort } = require("node:worker_threads");
    let memory = Infinity;
    parentPort.on("message", (bytes) => { memory = bytes; });
    setInterval(() => {
      if (process.memoryUsage.rss() <= memory) return;
      try { process.kill(process.pid, "SIGUSR2"); } catch { process.kill(process.pid, "SIGKILL"); }
    }, 20);`;
  const { Worker } = self.getBuiltinModule("node:worker_threads");
  const watch = new Worker(guard, { eval: true });
  watch.unref();
  let session: Ort.InferenceSession | undefined;
  const answer = async (message: TrialRequest): Promise<unknown> => {
    if ("load" in message) {
      watch.postMessage(message.memory ?? Number.POSITIVE_INFINITY);
      await session?.release();
      session = undefined;
      session = await ort.InferenceSession.create(message.load, { ...quiet, ...message.options });
      return session.outputMetadata.map((output) =>
        output.isTensor ? { name: output.name, type: output.type, shape: [...output.shape] } : { name: output.name },
      );
    }
    const feeds = Object.entries(message.feeds).map(([name, { type, data, dims }]) => [
      name,
      new ort.Tensor(type, data, dims),
    ]);
    const outputs = await session!.run(Object.fromEntries(feeds), message.fetches, quiet);
    return Object.fromEntries(
      Object.entries(outputs).map(([name, { type, dims, data }]) => [
        name,
        { type, dims, data: message.shapesOnly || type !== "float32" ? null : data },
      ]),
    );
  };
  self.on("message", (message: TrialRequest) => {
    answer(message).then(
      (ok) => self.send?.({ ok }),
      (error: unknown) => self.send?.({ error: error instanceof Error ? error.message : String(error) }),
    );
  });
  self.on("disconnect", () => self.exit());
}
