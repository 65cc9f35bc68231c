import { promises as fs } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { RUN_FILES, type TrainerSign, type TrainingEvent, type TrainingRunInfo } from "../../../shared/index.ts";
import { openForAppend, openRegularFile, readRegularFile, writeFileAtomically } from "../../files/index.ts";
import { TrainingError } from "../data/trainingError.ts";
import type { ControlWord, TrainingControl } from "./control.ts";

/** Milliseconds between two signs of life, and after how many without one a trainer may be gone: a step of a large network blocks. */
const SIGN_EVERY = 2000;
const SIGN_LOST = 10 * 60_000;
/** Milliseconds between two looks at the control file. */
const LOOK_EVERY = 300;
/** Bytes of a file with a word or two. */
const SHORT = 4096;

/** The files of a run, in the hands of the one process that trains. */
export class RunFolder {
  readonly folder: string;
  readonly #timers: NodeJS.Timeout[] = [];
  #events: Promise<void> = Promise.resolve();

  private constructor(folder: string) {
    this.folder = folder;
  }

  /**
   * Takes the folder for this process, and makes it where there is none.
   * @throws TrainingError where a living trainer has it
   */
  static async take(folder: string): Promise<RunFolder> {
    await fs.mkdir(folder, { recursive: true });
    const other = await trainerOf(folder);
    if (other !== null && other.pid !== process.pid) {
      throw new TrainingError(`A training runs in ${folder} already (process ${other.pid}). Stop it first, or wait.`);
    }
    const run = new RunFolder(folder);
    await run.#sign();
    await run.#endLine();
    run.#timers.push(setInterval(() => void run.#sign().catch(() => {}), SIGN_EVERY));
    return run;
  }

  file(name: keyof typeof RUN_FILES): string {
    return join(this.folder, RUN_FILES[name]);
  }

  /** Follows the control file. A file that is missing, or holds another word, changes nothing. */
  async follow(control: TrainingControl): Promise<void> {
    let last: string | null = null;
    const look = async () => {
      const text = await readRegularFile(this.file("control"), SHORT).catch(() => null);
      const word = text?.toString().trim() ?? null;
      if (word === last || word === null) return;
      last = word;
      if (isControlWord(word)) control.set(word);
    };
    await look();
    this.#timers.push(setInterval(() => void look(), LOOK_EVERY));
  }

  /** Appends an event; they stay in their order. A disk that is full loses events, not the run. */
  append(event: TrainingEvent): void {
    this.#events = this.#events.then(() => this.#addText(`${JSON.stringify(event)}\n`).catch(() => {}));
  }

  /** Writes what the run is, unless it is written already. */
  async describe(info: TrainingRunInfo): Promise<void> {
    const there = await fs.access(this.file("info")).then(
      () => true,
      () => false,
    );
    if (!there) await writeFileAtomically(this.file("info"), new TextEncoder().encode(JSON.stringify(info, null, 2)));
  }

  /** Lets go of the folder. Events are written by then. */
  async release(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    await this.#events;
    await fs.rm(this.file("sign"), { force: true });
  }

  /** A process that was killed may have left half a line: the next event must not become a part of it. */
  async #endLine(): Promise<void> {
    const whole = await endsWithLine(this.file("events")).catch(() => true);
    if (!whole) await this.#addText("\n");
  }

  async #addText(text: string): Promise<void> {
    const handle = await openForAppend(this.file("events"));
    try {
      await handle.appendFile(text);
    } finally {
      await handle.close();
    }
  }

  async #sign(): Promise<void> {
    const sign: TrainerSign = { pid: process.pid, time: Date.now() };
    await writeFileAtomically(this.file("sign"), new TextEncoder().encode(JSON.stringify(sign)));
  }
}

/** Also true of an empty file. */
async function endsWithLine(file: string): Promise<boolean> {
  const handle = await openRegularFile(file);
  try {
    const { size } = await handle.stat();
    const { bytesRead, buffer } = await handle.read(Buffer.alloc(1), 0, 1, Math.max(0, size - 1));
    return bytesRead === 0 || buffer[0] === 10;
  } finally {
    await handle.close();
  }
}

/** Whether nothing of a run is there but a sign: whoever began it was ended in its first moments, and there is nothing to go on with. */
export async function hasNotBegun(folder: string): Promise<boolean> {
  const first = [RUN_FILES.sign, RUN_FILES.info];
  const isOurs = (name: string) =>
    name === RUN_FILES.sign || (name.endsWith(".part") && first.some((each) => name.startsWith(`${each}.`)));
  return (await fs.readdir(folder)).every(isOurs);
}

/** The living trainer of a run folder; null where none is. */
export async function trainerOf(folder: string): Promise<TrainerSign | null> {
  const sign = await readSign(folder);
  if (sign === null || !isAlive(sign.pid)) return null;
  if (Date.now() - sign.time < SIGN_LOST) return sign;
  // Process ids are used again, so an old sign of a living process may be another program's. Or the machine slept: then
  // its trainer is awake as well, and signs within moments.
  await setTimeout(SIGN_EVERY + 1000);
  const later = await readSign(folder);
  return later !== null && later.time > sign.time ? later : null;
}

async function readSign(folder: string): Promise<TrainerSign | null> {
  try {
    const sign: unknown = JSON.parse((await readRegularFile(join(folder, RUN_FILES.sign), SHORT)).toString());
    return isSign(sign) ? sign : null;
  } catch {
    return null;
  }
}

function isSign(value: unknown): value is TrainerSign {
  if (typeof value !== "object" || value === null || !("pid" in value) || !("time" in value)) return false;
  return Number.isInteger(value.pid) && typeof value.time === "number";
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

function isControlWord(word: string): word is ControlWord {
  return word === "run" || word === "pause" || word === "stop";
}
