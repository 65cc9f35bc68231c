import type { DeviceChoice, TextLink } from "../../shared/index.ts";
import { autoCandidates, thisPlatform, unpromising } from "./candidates.ts";
import { type Embedder, openEmbedder } from "./embedder.ts";
import { openTextTower, type TextTower } from "./textTower.ts";

/** The loaded models of a process, by file: folders that use the same model share it. */
export class EmbedderPool {
  readonly #open = new Map<string, Promise<Embedder>>();
  /** By the tower's fingerprint. */
  readonly #towers = new Map<string, Promise<TextTower>>();
  readonly #device: DeviceChoice;
  readonly #load: (file: string) => Promise<Embedder>;

  /** @param device for which `load` was asked */
  constructor(load: (file: string) => Promise<Embedder> = openEmbedder, device: DeviceChoice = "auto") {
    this.#load = load;
    this.#device = device;
  }

  /** Whether a model runs on the CPU: by what this machine has, else by loading it. @throws ModelError */
  async runsOnCpu(file: string): Promise<boolean> {
    const platform = thisPlatform();
    const candidates = autoCandidates(platform).filter((device) => unpromising(device, platform) === null);
    if (this.#device === "cpu" || (this.#device === "auto" && candidates.length === 0)) return true;
    return (await this.get(file)).device === "cpu";
  }

  /** @throws ModelError where the file is not a model of ours */
  get(file: string): Promise<Embedder> {
    let embedder = this.#open.get(file);
    if (embedder === undefined) {
      embedder = this.#load(file);
      this.#open.set(file, embedder);
      // A failure is not kept: the user may mend the cause and try again.
      embedder.catch(() => this.#open.delete(file));
    }
    return embedder;
  }

  /**
   * Loads a file anew that was written again. Whoever holds the old one may go on with it; the pool lets go of it, so that its
   * memory and threads are given back with the last one who does.
   */
  reload(file: string): Promise<Embedder> {
    this.#open.delete(file);
    return this.get(file);
  }

  /** A file was renamed: what was loaded of it goes by the new name, and what had that name before is let go. */
  renamed(from: string, to: string): void {
    const embedder = this.#open.get(from);
    this.#open.delete(from);
    this.#open.delete(to);
    if (embedder !== undefined) this.#open.set(to, embedder);
  }

  /**
   * The text tower of a model, loaded at the first words.
   * @param model the model's file, beside which it lies
   * @throws ModelError where it is not there, or cannot be used
   */
  textTower(model: string, link: TextLink): Promise<TextTower> {
    let tower = this.#towers.get(link.tower);
    if (tower === undefined) {
      tower = openTextTower(model, link);
      this.#towers.set(link.tower, tower);
      tower.catch(() => this.#towers.delete(link.tower));
    }
    return tower;
  }

  async release(): Promise<void> {
    const towers = [...this.#towers.values()];
    this.#towers.clear();
    for (const tower of await Promise.allSettled(towers)) {
      if (tower.status === "fulfilled") await tower.value.release();
    }
    const all = [...this.#open.values()];
    this.#open.clear();
    for (const embedder of await Promise.allSettled(all)) {
      if (embedder.status === "fulfilled") await embedder.value.release();
    }
  }
}
