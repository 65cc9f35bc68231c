import { createHash, randomBytes } from "node:crypto";
import { mkdir, readdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** Beyond this many the oldest are deleted. */
const KEPT = 30;

/** First bytes of the formats that are taken, with where they stand. */
const FORMATS: readonly (readonly [ending: string, offset: number, start: readonly number[]])[] = [
  ["png", 0, [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]],
  ["jpg", 0, [0xff, 0xd8, 0xff]],
  ["gif", 0, [0x47, 0x49, 0x46, 0x38]],
  ["webp", 8, [0x57, 0x45, 0x42, 0x50]],
  ["avif", 4, [0x66, 0x74, 0x79, 0x70, 0x61, 0x76, 0x69]],
  ["tiff", 0, [0x49, 0x49, 0x2a, 0x00]],
  ["tiff", 0, [0x4d, 0x4d, 0x00, 0x2a]],
];

/** The ending for an image file with these bytes; undefined where they are no image of a known format. */
export function imageEnding(bytes: Uint8Array): string | undefined {
  return FORMATS.find(([, offset, start]) => start.every((byte, i) => bytes[offset + i] === byte))?.[0];
}

/** Images from the clipboard, as files: the engine reads files, and a query outlives a reload. */
export class PastedImages {
  readonly #folder: string;

  /** @param folder absolute path; made when needed */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /**
   * @returns absolute path of the file, the same for the same bytes
   * @throws Error where the bytes are no image
   */
  async keep(bytes: Uint8Array, problem: string): Promise<string> {
    const ending = imageEnding(bytes);
    if (ending === undefined) throw new Error(problem);
    // Pictures of its owner, who has not chosen this place.
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    const hash = createHash("sha256").update(bytes).digest("hex").slice(0, 16);
    const file = join(this.#folder, `pasted-${hash}.${ending}`);
    const aside = `${file}.${randomBytes(4).toString("hex")}.part`;
    try {
      await writeFile(aside, bytes, { flag: "wx", mode: 0o600 });
      await rename(aside, file);
    } catch (error) {
      await rm(aside, { force: true });
      throw error;
    }
    await this.#clean();
    return file;
  }

  async #clean(): Promise<void> {
    const names = (await readdir(this.#folder)).filter((name) => name.startsWith("pasted-"));
    const files = await Promise.all(
      names.map(async (name) => {
        const file = join(this.#folder, name);
        return { file, time: (await stat(file)).mtimeMs };
      }),
    );
    const old = files.sort((a, b) => b.time - a.time).slice(KEPT);
    await Promise.all(old.map(({ file }) => rm(file, { force: true })));
  }
}
