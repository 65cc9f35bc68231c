import { promises as fs } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";

const PREFIX = "lookalike-scratch-";

/** Of this machine: a place for temporary files can be shared with others, whose process ids say nothing here. */
const machine = () => hostname().replace(/[^\w-]+/g, "_");

/**
 * Makes a folder for files that nobody needs afterwards; whoever asks for it removes it. What processes left behind that ended
 * without doing so is removed first.
 */
export async function makeScratch(): Promise<string> {
  await sweepScratch();
  return fs.mkdtemp(join(tmpdir(), `${PREFIX}${machine()}-${process.pid}-`));
}

/** Removes what processes left behind that ended without doing so. */
export async function sweepScratch(): Promise<void> {
  const left = new RegExp(`^${PREFIX}${machine()}-(\\d+)-\\w{6}$`);
  for (const name of await fs.readdir(tmpdir()).catch(() => [])) {
    const pid = left.exec(name)?.[1];
    if (pid === undefined || lives(Number(pid))) continue;
    // Perhaps another user's.
    await fs.rm(join(tmpdir(), name), { recursive: true, force: true }).catch(() => {});
  }
}

/** Writing a file of some gigabytes aside takes no longer. Milliseconds. */
const LONGEST_WRITE = 24 * 60 * 60_000;

/** Removes from a folder of our own what was being written aside (`writeAtomically`) by a process that ended meanwhile. */
export async function sweepParts(folder: string): Promise<void> {
  for (const name of await fs.readdir(folder).catch(() => [])) {
    if (!/\.[0-9a-f]{8}\.part$/.test(name)) continue;
    const file = join(folder, name);
    const stat = await fs.lstat(file).catch(() => undefined);
    if (stat?.isFile() && Date.now() - stat.mtimeMs > LONGEST_WRITE) await fs.rm(file, { force: true }).catch(() => {});
  }
}

function lives(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // There is one, of another user.
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
