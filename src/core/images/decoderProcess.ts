import type { ChildProcess } from "node:child_process";
import { startModule } from "../processes/index.ts";
import type { DecodeAnswer, DecodePart, DecodeRequest, DecodeTasks, Excess } from "./decoderProtocol.ts";
import { ImageError } from "./failures.ts";

/** The sources run as they are; in the bundle every chunk lies one folder beside the child's. */
const CHILD = import.meta.url.endsWith(".ts")
  ? new URL("./decoderChild.ts", import.meta.url)
  : new URL("../images/decoderChild.mjs", import.meta.url);

/** Milliseconds until an idle process is let go. */
const IDLE = 5_000;
/** What is sent at once: the thread that sends a message does nothing else until it is written out. Bytes. */
const PART = 1 << 22;

/** The process ended, or was ended, before it answered. */
export class DecoderEnded extends Error {
  override readonly name = "DecoderEnded";
  /** What this picture took too much of, or that it was another one. */
  readonly excess: Excess | "another" | undefined;

  /** @param how a signal, or an exit code */
  constructor(how: string, excess: DecoderEnded["excess"]) {
    super(how);
    this.excess = excess;
  }
}

interface Waiting {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
  excess: Excess | undefined;
}

interface Running {
  readonly child: ChildProcess;
  readonly waiting: Map<number, Waiting>;
}

/** A process in which pictures are decoded, started when it is needed and let go when it is idle. */
export class DecoderProcess {
  readonly #threads: number;
  #running: Running | undefined;
  #idle: NodeJS.Timeout | undefined;
  #next = 0;

  /** @param threads in which pictures are decoded at the same time */
  constructor(threads: number) {
    this.#threads = threads;
  }

  /**
   * @param memory bytes that it may take; where several are under way, that all of them may
   * @param patience milliseconds after which the process is ended
   * @param seconds of the processor's time after which the process ends itself; only where nothing else is under way in it
   * @param task what is asked for: the picture where absent
   * @throws DecoderEnded where the process ended; ImageError where the picture cannot be read; ProcessError where the
   * system starts no process
   */
  async decode<K extends keyof DecodeTasks = "picture">(
    bytes: Uint8Array,
    side: number,
    memory: number,
    patience: number,
    seconds?: number,
    task?: K,
  ): Promise<DecodeTasks[K]> {
    clearTimeout(this.#idle);
    this.#running ??= this.#start();
    const { child, waiting } = this.#running;
    child.ref();
    child.channel?.ref();
    const id = this.#next++;
    let timer: NodeJS.Timeout | undefined;
    try {
      return await new Promise<DecodeTasks[K]>((resolve, reject) => {
        // The process answers what is asked for.
        const one: Waiting = { resolve: (result) => resolve(result as DecodeTasks[K]), reject, excess: undefined };
        waiting.set(id, one);
        const limit = seconds === undefined ? {} : { seconds };
        const request = { id, task: task ?? "picture", bytes, side, memory, ...limit } satisfies DecodeRequest;
        void sendInParts(child, request, () => {
          // It may have ended meanwhile.
          if (!waiting.has(id)) return false;
          timer = setTimeout(() => {
            one.excess = "time";
            child.kill("SIGKILL");
          }, patience);
          return true;
        });
      });
    } finally {
      clearTimeout(timer);
      waiting.delete(id);
      if (waiting.size === 0) this.#rest(child);
    }
  }

  /** Ends the process; what is under way ends with it. */
  end(): void {
    clearTimeout(this.#idle);
    this.#running?.child.kill("SIGKILL");
    this.#running = undefined;
  }

  #start(): Running {
    const child = startModule(CHILD, { UV_THREADPOOL_SIZE: String(this.#threads) });
    const waiting = new Map<number, Waiting>();
    child.on("message", (answer: DecodeAnswer) => {
      const one = waiting.get(answer.id);
      if ("excess" in answer) {
        if (one !== undefined) one.excess = answer.excess;
      }
      if ("result" in answer) one?.resolve(answer.result);
      else if ("reason" in answer)
        one?.reject(new ImageError(answer.reason, answer.kind === undefined ? {} : { kind: answer.kind }));
    });
    const ended = (how: string) => {
      if (this.#running?.child === child) this.#running = undefined;
      const all = [...waiting.values()];
      const others = all.some(({ excess }) => excess !== undefined) ? "another" : undefined;
      for (const one of all) one.reject(new DecoderEnded(how, one.excess ?? others));
    };
    child.once("exit", (code, signal) => ended(signal ?? `exit code ${code}`));
    child.once("error", (error) => ended(error.message));
    return { child, waiting };
  }

  /** An idle process is no reason for this one to stay. */
  #rest(child: ChildProcess): void {
    child.unref();
    child.channel?.unref();
    clearTimeout(this.#idle);
    this.#idle = setTimeout(() => this.end(), IDLE);
    this.#idle.unref();
  }
}

/** @param last asked before the last part, and whether that is to be sent */
async function sendInParts(child: ChildProcess, request: DecodeRequest, last: () => boolean): Promise<void> {
  const { id, bytes } = request;
  const send = (message: DecodeRequest | DecodePart) =>
    new Promise<boolean>((resolve) => {
      child.send(message, (error) => {
        if (error !== null) child.kill("SIGKILL");
        resolve(error === null);
      });
    });
  let at = 0;
  for (; at + PART < bytes.length; at += PART) {
    if (!(await send({ id, part: bytes.subarray(at, at + PART) }))) return;
  }
  if (last()) await send({ ...request, bytes: bytes.subarray(at) });
}
