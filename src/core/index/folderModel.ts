import { promises as fs } from "node:fs";
import { dirname, join } from "node:path";
import { adaptModel, MIN_IMAGES } from "../adaptation/index.ts";
import { writeFileAtomically } from "../files.ts";
import { findImages } from "../images/index.ts";
import type { Embedder } from "../runtime/index.ts";
import { indexFile } from "./location.ts";
import type { UpdateOptions } from "./update.ts";

/** The adapted form of a model for one folder: a file beside the folder's indexes, made once from a sample of its images. */
export class FolderModel {
  readonly #folder: string;
  readonly #base: Embedder;
  /** The adapted model's file; it need not be there. */
  readonly file: string;

  constructor(folder: string, location: string, base: Embedder) {
    this.#folder = folder;
    this.#base = base;
    const { fingerprint } = base.summary;
    this.file = join(dirname(indexFile(location, folder, fingerprint)), `adapted-${fingerprint.slice(0, 16)}.onnx`);
  }

  async exists(): Promise<boolean> {
    return fs.access(this.file).then(
      () => true,
      () => false,
    );
  }

  /**
   * Adapts the model to the images that the folder has now.
   * @returns whether there is a new file; false where the images are too few, or too much alike
   */
  async adapt({ signal, onProgress = () => {} }: UpdateOptions): Promise<boolean> {
    const { images } = await findImages(this.#folder, signal);
    if (images.length < MIN_IMAGES) return false;
    const started = performance.now();
    const bytes = await adaptModel(this.#folder, images, this.#base, await fs.readFile(this.#base.file), {
      signal,
      onProgress(done, total) {
        const perSecond = done / Math.max(0.001, (performance.now() - started) / 1000);
        const secondsLeft = done > 0 ? (total - done) / perSecond : null;
        onProgress({ phase: "adapting", done, total, skipped: 0, imagesPerSecond: perSecond, secondsLeft });
      },
    });
    if (bytes === null) return false;
    await fs.mkdir(dirname(this.file), { recursive: true });
    await writeFileAtomically(this.file, bytes);
    return true;
  }
}
