import { type ChildProcess, spawn } from "node:child_process";
import { dirname, resolve } from "node:path";
import { createInterface } from "node:readline";
import { printable, visibleLines } from "../../../shared/index.ts";
import { TrainingError } from "../data/trainingError.ts";
import type { TrainingControl } from "../run/control.ts";
import { readMessage, type TorchMessage } from "./messages.ts";

/** Exit code of an engine that was ended with a checkpoint to go on from. */
const INTERRUPTED = 75;
/** Milliseconds that the engine has for its checkpoint before it is ended firmly. */
const GRACE = 15_000;
/** What is kept of its stderr for messages. Characters. */
const KEPT = 4000;

export interface EngineOptions {
  readonly python: string;
  /** Absolute path of `train.py`. */
  readonly script: string;
  /** Folder of the job. */
  readonly job: string;
  readonly args: readonly string[];
  readonly control: TrainingControl;
  readonly signal: AbortSignal | undefined;
  /** Called with one message after the other, each awaited before the next. */
  readonly onMessage: (message: TorchMessage) => Promise<void>;
}

/**
 * Runs the torch engine on a job until it ends. It follows the control; where the signal aborts, it is asked to leave a
 * checkpoint, and ended firmly where it does not.
 * @returns whether the training came to its end
 * @throws TrainingError with the reason where it failed; the signal's reason
 */
export async function runEngine(options: EngineOptions): Promise<void> {
  const { python, script, job, args, control, signal, onMessage } = options;
  signal?.throwIfAborted();
  const child = spawn(python, ["-u", script, resolve(job), "--stdin", ...args], {
    // Windows looks for programs in the current folder first, and what lies in a run's folder may come from elsewhere.
    cwd: dirname(script),
    stdio: ["pipe", "pipe", "pipe"],
    windowsHide: true,
    // A group of its own: Ctrl-C in a terminal is meant for this process, which tells the engine what follows from it.
    detached: process.platform !== "win32",
    // The package may lie where nobody but an administrator writes.
    env: { ...process.env, PYTHONDONTWRITEBYTECODE: "1", PYTHONUNBUFFERED: "1" },
  });
  let told = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    // What a library prints may hold names of others.
    process.stderr.write(visibleLines(text));
    told = (told + text).slice(-KEPT);
  });
  const say = (word: string) => void (child.stdin.writable && child.stdin.write(`${word}\n`));
  // Whoever is gone hears nothing any more.
  child.stdin.on("error", () => {});
  const unfollow = control.follow(say);
  let firm: NodeJS.Timeout | undefined;
  const end = () => {
    say("end");
    child.stdin.end();
    firm = setTimeout(() => killGroup(child), GRACE);
  };
  signal?.addEventListener("abort", end, { once: true });
  const ended = new Promise<number | NodeJS.Signals>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, by) => resolve(code ?? by ?? 1));
  });
  ended.catch(() => {});
  let failure: string | undefined;
  try {
    for await (const line of createInterface({ input: child.stdout })) {
      const message = readMessage(line);
      if (message?.type === "failed") failure = message.message;
      else if (message !== undefined) await onMessage(message);
      else if (line !== "") process.stderr.write(`${printable(line)}\n`);
    }
    const code = await ended;
    signal?.throwIfAborted();
    if (code === 0) return;
    if (code === INTERRUPTED) {
      throw new TrainingError(
        "The torch engine was ended from outside. Start the training again: it goes on from there.",
      );
    }
    throw new TrainingError(failure ?? `The torch engine ended (${code}). ${lastLine(told)}`);
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  } finally {
    unfollow();
    clearTimeout(firm);
    signal?.removeEventListener("abort", end);
    if (child.exitCode === null && child.signalCode === null) killGroup(child);
  }
}

function lastLine(text: string): string {
  return text.trim().split("\n").at(-1) ?? "";
}

/** The engine and its ranks, which are in its group. */
function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    if (process.platform === "win32") child.kill("SIGKILL");
    else process.kill(-child.pid, "SIGKILL");
  } catch {
    // It is gone already.
  }
}
