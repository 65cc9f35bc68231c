import { promises as fs } from "node:fs";
import { join } from "node:path";
import { listed } from "../../../shared/index.ts";
import { readFailure } from "../../files/index.ts";
import { isGone } from "../../images/index.ts";
import { EvaluationError } from "../errors.ts";

/** Larger files are none of these lists. Bytes. */
const LARGEST = 256 * 2 ** 20;

/** Lines of a data set's list that could not be used, and why. */
export class OddLines {
  readonly #file: string;
  readonly #lines: string[] = [];

  constructor(file: string) {
    this.#file = file;
  }

  add(line: number): void {
    this.#lines.push(`line ${line}`);
  }

  get warnings(): string[] {
    return this.#lines.length === 0
      ? []
      : [`Lines of ${this.#file} that cannot be used, left out: ${listed(this.#lines)}.`];
  }
}

/** A line of a list, split at white space. */
export interface ListLine {
  /** From 1. */
  readonly number: number;
  readonly fields: readonly string[];
}

/**
 * Reads a list of a data set: a line per image, fields parted by white space, of which that with the path may hold spaces itself.
 * @param fields how many there are; a line with fewer is odd
 * @param path whether the path is the first field or the last one
 * @param skip lines of the header
 * @throws EvaluationError where it cannot be read
 */
export async function readList(
  root: string,
  file: string,
  fields: number,
  odd: OddLines,
  path: "first" | "last" = "last",
  skip = 0,
): Promise<ListLine[]> {
  const text = (await readWhole(root, file)).toString("utf8").replace(/^\uFEFF/, "");
  return text.split(/\r\n|\n|\r/).flatMap((line, i) => {
    if (i < skip || line.trim() === "") return [];
    const parts = line.trim().split(/\s+/);
    if (parts.length < fields) {
      odd.add(i + 1);
      return [];
    }
    const more = parts.length - fields + 1;
    const at = path === "first" ? 0 : fields - 1;
    return [{ number: i + 1, fields: parts.toSpliced(at, more, parts.slice(at, at + more).join(" ")) }];
  });
}

/** @throws EvaluationError where it cannot be read, or is far too large */
export async function readWhole(root: string, file: string): Promise<Buffer> {
  const path = join(root, file);
  try {
    const stat = await fs.stat(path);
    if (!stat.isFile() || stat.size > LARGEST) {
      throw new EvaluationError(
        `${path} is no list of a data set. Give the folder of the data set as it is distributed.`,
      );
    }
    return await fs.readFile(path);
  } catch (error) {
    if (error instanceof EvaluationError) throw error;
    const reason = isGone(error) ? "it is not there" : readFailure(error);
    throw new EvaluationError(`${path}: ${reason}. Give the folder of the data set as it is distributed.`, {
      cause: error,
    });
  }
}

export function hasFile(root: string, file: string): Promise<boolean> {
  return fs.access(join(root, file)).then(
    () => true,
    () => false,
  );
}

/** A whole number above 0; undefined for anything else. */
export function wholeNumber(text: string): number | undefined {
  return /^\d+$/.test(text) && Number(text) > 0 ? Number(text) : undefined;
}
