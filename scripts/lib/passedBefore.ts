import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { ROOT } from "./paths.mjs";

/** What a reader reads and no suite does. */
const DOCUMENTS = /^(docs\/|\.ci\/|\.github\/|LICENSE$|(ARCHITECTURE|CONTRIBUTING)\.md$)/;

/** Settings that change what a suite runs on. */
const SETTINGS = ["VSCODE_EXECUTABLE", "CHROMIUM"];

/**
 * A mark of everything that a suite's outcome depends on: the content of the project's files (tracked, or new and not
 * ignored; package-lock.json stands for what is installed), Node, the platform and the settings of the run.
 * @param without folders that the suite does not look at, with a `/` at their end
 * @returns null where git cannot list the files: nothing is known then, and everything has to run
 */
export function inputsMark(without: readonly string[], root = ROOT): string | null {
  const git = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
  const { status, stdout } = spawnSync("git", git, { cwd: root, encoding: "utf8", maxBuffer: 1e8 });
  if (status !== 0) return null;
  const files = [...new Set(stdout.split("\0"))]
    .filter((file) => file !== "" && !DOCUMENTS.test(file) && !without.some((folder) => file.startsWith(folder)))
    .sort();
  const hash = createHash("sha256");
  hash.update(JSON.stringify([process.version, process.platform, process.arch, ...SETTINGS.map(setting)]));
  for (const file of files) {
    const path = join(root, file);
    const content = existsSync(path) ? createHash("sha256").update(readFileSync(path)).digest("hex") : "deleted";
    hash.update(`${file}\0${content}\n`);
  }
  return hash.digest("hex");
}

function setting(name: string): string {
  return process.env[name] ?? "";
}

/** Remembers of one suite that it passed, and with which inputs. */
export class PassedBefore {
  readonly #file: string;

  constructor(file: string) {
    this.#file = file;
  }

  /** When the suite passed with these inputs; null where it did not. */
  when(mark: string | null): Date | null {
    if (mark === null || !existsSync(this.#file)) return null;
    const [before, time] = readFileSync(this.#file, "utf8").split("\n");
    return before === mark ? new Date(Number(time)) : null;
  }

  keep(mark: string | null): void {
    if (mark === null) return;
    mkdirSync(dirname(this.#file), { recursive: true });
    writeFileSync(this.#file, `${mark}\n${Date.now()}\n`);
  }

  forget(): void {
    rmSync(this.#file, { force: true });
  }
}
