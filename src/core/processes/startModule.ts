import { type ChildProcess, fork } from "node:child_process";
import { LIFELINE } from "../../shared/index.ts";

/** The system starts no other process. The message is for users. */
export class ProcessError extends Error {
  override readonly name = "ProcessError";

  constructor() {
    super("The system starts no other process: too many files or processes are open. Close some, then try again.");
  }
}

/**
 * Starts a module in a process of its own that is spoken to by messages, and ends with this one.
 * @param env beside the variables of this process
 * @throws ProcessError
 */
export function startModule(module: URL, env: NodeJS.ProcessEnv = {}): ChildProcess {
  const child = fork(module, [], {
    execArgv: [],
    stdio: ["ignore", "ignore", "ignore", "ipc", "pipe"],
    serialization: "advanced",
    // Inside VS Code the executable is Electron.
    env: { ...process.env, ELECTRON_RUN_AS_NODE: "1", [LIFELINE.variable]: String(LIFELINE.descriptor), ...env },
  });
  return startedChild(child);
}

/** The same child, whose pipe is no reason for this process to stay. @throws ProcessError where it was not started */
export function startedChild(child: ChildProcess): ChildProcess {
  if (child.pid === undefined) {
    // It is told once more, to listeners.
    child.on("error", () => {});
    throw new ProcessError();
  }
  const pipe = child.stdio[LIFELINE.descriptor];
  // The child's end is no error of the pipe.
  pipe?.on("error", () => {});
  (pipe as { unref?: () => void } | null | undefined)?.unref?.();
  return child;
}
