import { once } from "node:events";
import { promises as fs } from "node:fs";
import { join } from "node:path";
import { dataFolder, makeFolder, readRegularFile, writeFileAtomically } from "../../files/index.ts";
import { ModelError } from "../errors.ts";
import { fingerprint, readManifest } from "../manifest.ts";
import { readModelBytes } from "../modelFile.ts";
import { proveTower, textTowerFile } from "../text/index.ts";
import { proveModel } from "./prove.ts";

/** Files that this process has seen to be proven, by their state. */
const seen = new Map<string, Promise<void>>();

/** Which models have passed their proof, by fingerprint: a file each, so that it is made once on a machine. */
export class Proofs {
  readonly #folder: string;

  /** @param folder where this user's are kept unless told otherwise */
  constructor(folder = join(dataFolder(), "proven")) {
    this.#folder = folder;
  }

  /** Keeps that a model was made here, which needs no proof. @param print its fingerprint */
  async trust(print: string): Promise<void> {
    await this.#once(print, async () => {});
  }

  /** Proves a model file, unless that was done before. @throws ModelError where it cannot be read or does not pass */
  async proveFile(file: string): Promise<void> {
    const stat = await fs.stat(file).catch((cause) => {
      throw new ModelError(`The model ${file} cannot be read. Check the path.`, { cause });
    });
    const key = [this.#folder, file, stat.mtimeMs, stat.ctimeMs, stat.size].join("\0");
    let proof = seen.get(key);
    if (proof === undefined) {
      proof = readModelBytes(file).then(async (bytes) => {
        await this.prove(bytes, file);
        await this.#proveTower(bytes, file);
      });
      seen.set(key, proof);
      // A failure is not kept: it may have been for want of room or time.
      proof.catch(() => seen.delete(key));
    }
    return proof;
  }

  /** See `proveFile`. @param file its name, for messages @throws the signal's reason: nobody waits for the proof any more */
  async prove(bytes: Uint8Array, file: string, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    const proof = this.#once(fingerprint(bytes), () => proveModel(bytes, file));
    if (signal === undefined) return proof;
    const aborted = once(signal, "abort").then(() => signal.throwIfAborted());
    await Promise.race([proof, aborted]);
  }

  /** One that is gone is told of where words are searched by: pictures are found without it. */
  async #proveTower(bytes: Uint8Array, model: string): Promise<void> {
    const { text } = readManifest(bytes, model);
    if (text === undefined) return;
    const file = textTowerFile(model);
    const tower = await readRegularFile(file).catch(() => null);
    if (tower !== null) await this.#once(text.tower, () => proveTower(tower, file, text));
  }

  async #once(print: string, work: () => Promise<void>): Promise<void> {
    const mark = join(this.#folder, print);
    const isProven = await fs.access(mark).then(
      () => true,
      () => false,
    );
    if (isProven) return;
    await work();
    try {
      makeFolder(this.#folder);
      await writeFileAtomically(mark, new Uint8Array());
    } catch {
      // It is proven again next time.
    }
  }
}
