import { spawn } from "node:child_process";
import { promises as fs } from "node:fs";
import { join } from "node:path";
import { LIFELINE, RUN_FILES, type TrainerSign } from "../../shared/index.ts";
import { writeFile } from "./runFiles.ts";

/** What the trainer prints, in the folder of its run. */
export const TRAINER_LOG = "trainer.log";

/**
 * A sign of life that is older is no sign any more, where the system does not tell what a process runs. Long, since a
 * single step of a large network blocks the process. Milliseconds.
 */
const STALE = 10 * 60_000;

/**
 * Starts the trainer on a run, in a process of its own.
 * @param module the trainer's main module
 * @param outlives whether it goes on where this process ends, however that ends; else it keeps its state and ends as well
 * @param ended called when it ends while this process lives, with the reason
 */
export async function startTrainer(
  module: string,
  run: string,
  outlives: boolean,
  ended: (reason: string) => void,
): Promise<void> {
  const log = await fs.open(join(run, TRAINER_LOG), "a");
  try {
    const child = spawn(process.execPath, [module, run], {
      cwd: run,
      detached: true,
      stdio: ["ignore", log.fd, log.fd, "ignore", outlives ? "ignore" : "pipe"],
      windowsHide: true,
      // On the desktop the host's binary is Electron's.
      env: {
        ...process.env,
        ELECTRON_RUN_AS_NODE: "1",
        [LIFELINE.variable]: outlives ? "" : String(LIFELINE.descriptor),
      },
    });
    // Held by this process until it ends, and no reason for it to stay; the trainer's end is no error of the pipe.
    // One that the system does not start has no pipes at all.
    const pipe = child.stdio?.[LIFELINE.descriptor];
    pipe?.on("error", () => {});
    (pipe as { unref?: () => void } | null | undefined)?.unref?.();
    child.on("exit", (code, signal) => ended(signal === null ? `exit code ${code}` : `signal ${signal}`));
    await new Promise<void>((done, fail) => child.once("spawn", done).once("error", fail));
    child.unref();
    // The trainer takes seconds until its own first sign; a second start must not slip in before.
    const sign: TrainerSign = { pid: child.pid!, time: Date.now() };
    await writeFile(run, RUN_FILES.sign, JSON.stringify(sign));
  } finally {
    await log.close();
  }
}

/** Whether the trainer that left this sign is still at work on the run. */
export async function isAlive(run: string, sign: TrainerSign | undefined, commandOf = commandLine): Promise<boolean> {
  if (sign === undefined || !exists(sign.pid)) return false;
  // The number may belong to another process by now.
  const command = await commandOf(sign.pid);
  return command === undefined ? Date.now() - sign.time < STALE : command.includes(run);
}

/** What a process was started with; undefined where the system does not tell. Only Linux does. */
async function commandLine(pid: number): Promise<readonly string[] | undefined> {
  return fs.readFile(`/proc/${pid}/cmdline`, "utf8").then(
    (text) => text.split("\0"),
    () => undefined,
  );
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // A process of another user is there, too.
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
