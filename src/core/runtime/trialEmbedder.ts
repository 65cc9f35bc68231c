import type { Device } from "../../shared/index.ts";
import { TrialEnded, TrialProcess } from "../model/import/index.ts";
import type { Embedder } from "./embedder.ts";
import { sessionOptions } from "./sessionOptions.ts";

/**
 * Embeds images in a process of its own, one by one, on the device of an embedder, and says which of them end it.
 * onnxruntime and the drivers below it are native code: what they trip over takes the whole process along.
 */
export class TrialEmbedder {
  readonly #embedder: Embedder;
  readonly #process = new TrialProcess();
  #loaded = false;

  constructor(embedder: Embedder) {
    this.#embedder = embedder;
  }

  /**
   * @param pixels uint8 RGB `[height, width, 3]` of the model's input size
   * @returns how the process ended; null where it did not, whether or not the model could be run
   */
  async run(pixels: Uint8Array): Promise<string | null> {
    const { file, deviceReport, manifest } = this.#embedder;
    const { width, height } = manifest.input;
    // Without the image: what goes wrong here is not its fault.
    if (!this.#loaded && !(await this.#load(file, deviceReport.used))) return null;
    try {
      await this.#process.request({
        feeds: { image: { type: "uint8", data: pixels, dims: [1, height, width, 3] } },
        fetches: manifest.descriptors.map(({ name }) => name),
        shapesOnly: true,
      });
      return null;
    } catch (error) {
      if (!(error instanceof TrialEnded)) return null;
      this.#loaded = false;
      return error.message;
    }
  }

  release(): void {
    this.#process.end();
  }

  async #load(load: string, device: Device): Promise<boolean> {
    this.#loaded = await this.#process.request({ load, options: sessionOptions(device) }).then(
      () => true,
      () => false,
    );
    return this.#loaded;
  }
}
