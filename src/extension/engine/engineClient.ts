import { type ChildProcess, fork } from "node:child_process";
import { availableParallelism } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import {
  type CancellationToken,
  createMessageConnection,
  IPCMessageReader,
  IPCMessageWriter,
  type MessageConnection,
  ResponseError,
} from "vscode-jsonrpc/node";
import {
  call,
  type EngineNotifications,
  type EngineRequests,
  IMAGES_VANISHED,
  LIFELINE,
  PASSWORD_WANTED,
  REQUEST_CANCELLED,
  type Vanished,
} from "../../shared/index.ts";
import { RestartPolicy } from "./restartPolicy.ts";

/** Why the engine could not answer; the message is what happened, for the log and as the end of a sentence. */
export class EngineStoppedError extends Error {
  override readonly name = "EngineStoppedError";
  /** Whether a new request starts a new engine; otherwise it died too often in a row. */
  readonly restarts: boolean;

  constructor(message: string, restarts: boolean) {
    super(message);
    this.restarts = restarts;
  }
}

/** A request that ended because it was cancelled. */
export class CancelledError extends Error {
  override readonly name = "CancelledError";
}

/** An indexing run that found nearly all images gone at once, and removed nothing; the user is asked about it elsewhere. */
export class ImagesVanishedError extends CancelledError {
  readonly vanished: Vanished;

  constructor(message: string, vanished: Vanished) {
    super(message);
    this.vanished = vanished;
  }
}

/** A database refused for want of a password, or of another one; the message says so. */
export class PasswordWantedError extends Error {
  override readonly name = "PasswordWantedError";
}

type Ask = <M extends keyof EngineRequests>(method: M, params: EngineRequests[M]["params"]) => Promise<unknown>;

export interface EngineOptions {
  /** The engine's main module. */
  readonly module: string;
  readonly onNotification: <M extends keyof EngineNotifications>(method: M, params: EngineNotifications[M]) => void;
  /** A line for the log. */
  readonly onOutput: (line: string) => void;
  /** What a new engine is told before it is asked anything. */
  readonly greet?: ((ask: Ask) => Promise<void>) | undefined;
  readonly policy?: RestartPolicy;
}

interface Running {
  /** Settled once it was told what a new engine is told. */
  readonly greeted: Promise<void>;
  readonly child: ChildProcess;
  readonly connection: MessageConnection;
  /** Set when the process has ended. */
  ended: string | undefined;
  /** Ended on purpose. */
  retired: boolean;
}

/** A request that was cancelled and is not answered by then ends with the process. Milliseconds. */
const HARD_CANCEL_AFTER = 5_000;

/** Milliseconds in which messages are taken that came before the end. */
const LAST_WORDS = 50;

const NOTIFICATIONS = [
  "folder/changed",
  "models/transfer",
  "log",
  "projection/images",
  "projection/layout",
  "projection/progress",
  "query/progress",
] as const satisfies (keyof EngineNotifications)[];

/** The engine as seen from the extension host: started at the first request, and again at the next one after it died. */
export class EngineClient {
  readonly #options: EngineOptions;
  readonly #policy: RestartPolicy;
  #running: Running | undefined;

  constructor(options: EngineOptions) {
    this.#options = options;
    this.#policy = options.policy ?? new RestartPolicy();
  }

  /** Process id while it runs. */
  get pid(): number | undefined {
    return this.#running?.child.pid;
  }

  /**
   * @throws EngineStoppedError where the process dies before it answers, or is not started any more
   * @throws Error with the engine's message, fit for a user, where it refuses
   */
  async request<M extends keyof EngineRequests>(
    method: M,
    params: EngineRequests[M]["params"],
    token?: CancellationToken,
  ): Promise<EngineRequests[M]["result"]> {
    const engine = await this.#start();
    await engine.greeted;
    let hardCancel: NodeJS.Timeout | undefined;
    const cancelled = token?.onCancellationRequested(() => {
      hardCancel = setTimeout(() => engine.child.kill("SIGKILL"), HARD_CANCEL_AFTER);
    });
    try {
      return await call<EngineRequests, M, CancellationToken>(engine.connection, method, params, token);
    } catch (error) {
      if (engine.retired) throw new CancelledError("The engine was started again.");
      if (engine.ended !== undefined) throw new EngineStoppedError(engine.ended, this.#policy.mayStart());
      if (!(error instanceof ResponseError)) throw error;
      if (error.code === REQUEST_CANCELLED) throw new CancelledError(error.message);
      if (error.code === IMAGES_VANISHED)
        throw new ImagesVanishedError(cleanMessage(error.message), error.data as Vanished);
      if (error.code === PASSWORD_WANTED) throw new PasswordWantedError(cleanMessage(error.message));
      throw new Error(cleanMessage(error.message), { cause: error });
    } finally {
      clearTimeout(hardCancel);
      cancelled?.dispose();
    }
  }

  /** Lets a request start the engine again after it died too often. */
  forgive(): void {
    this.#policy.forgive();
  }

  /** Ends the process; the next request starts a new one. Requests that wait for an answer end as cancelled. */
  restart(): void {
    const engine = this.#running;
    if (engine === undefined) return;
    engine.retired = true;
    this.#running = undefined;
    engine.child.kill("SIGKILL");
    engine.connection.dispose();
  }

  dispose(): void {
    this.#running?.connection.dispose();
    this.#running?.child.kill();
    this.#running = undefined;
  }

  async #start(): Promise<Running> {
    if (this.#running !== undefined) return this.#running;
    if (!this.#policy.mayStart()) throw new EngineStoppedError("it stopped several times in a row", false);
    const delay = this.#policy.delay();
    if (delay > 0) await sleep(delay);
    // Another request may have started it during the wait.
    this.#running ??= this.#fork();
    return this.#running;
  }

  #fork(): Running {
    const { module, onNotification, onOutput, greet } = this.#options;
    const child = fork(module, [], {
      serialization: "advanced",
      execArgv: [],
      // The last one is a pipe on which nothing is sent: it ends with this process, and the engine with it.
      stdio: ["ignore", "pipe", "pipe", "ipc", "pipe"],
      env: {
        UV_THREADPOOL_SIZE: threads(),
        ...process.env,
        // On the desktop the host's binary is Electron's.
        ELECTRON_RUN_AS_NODE: "1",
        [LIFELINE.variable]: String(LIFELINE.descriptor),
      },
    });
    // A process that the system does not start has no pipes at all, whatever its type says; its error comes below.
    child.stdio?.[LIFELINE.descriptor]?.on("error", () => {});
    const connection = createMessageConnection(new IPCMessageReader(child), new IPCMessageWriter(child));
    const ask: Ask = (method, params) => call(connection, method, params);
    // What it is told is needed by some requests only: those say what they lack.
    const greeted = Promise.resolve()
      .then(() => greet?.(ask))
      .catch((error: unknown) => onOutput(String(error)));
    const engine: Running = { child, connection, greeted, ended: undefined, retired: false };
    for (const method of NOTIFICATIONS) {
      connection.onNotification(method, (params: EngineNotifications[typeof method]) => onNotification(method, params));
    }
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding("utf8").on("data", (text: string) => onOutput(text.trimEnd()));
    }
    const end = (reason: string) => {
      if (engine.ended !== undefined) return;
      engine.ended = reason;
      if (engine.retired) return;
      onOutput(`The engine ended: ${reason}`);
      if (this.#running === engine) {
        this.#running = undefined;
        this.#policy.died();
      }
      // Requests still waiting would wait for ever otherwise.
      connection.dispose();
    };
    child.on("error", (error) => end(error.message));
    child.on("exit", (code, signal) => {
      // What it said last may still be on its way: its progress decides whether it is started again.
      const ended = () => setTimeout(() => end(signal === null ? `exit code ${code}` : `signal ${signal}`), LAST_WORDS);
      if (child.connected) child.once("disconnect", ended);
      else ended();
    });
    connection.listen();
    this.#policy.started();
    return engine;
  }
}

/** libuv's threads decode the images: its default of four leaves larger machines idle. */
function threads(): string {
  return String(Math.max(4, availableParallelism() + 2));
}

/** vscode-jsonrpc puts the method before the message of a handler that threw. */
function cleanMessage(message: string): string {
  return message.replace(/^Request [\w/]+ failed with message: /, "");
}
