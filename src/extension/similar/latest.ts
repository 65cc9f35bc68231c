/** Work that is done one at a time: what is asked for meanwhile, as under a drag, is done once, when the work under way ends. */
export class Latest {
  readonly #work: () => Promise<void>;
  #running: Promise<void> | undefined;
  #outdated = false;
  #stopped = false;

  constructor(work: () => Promise<void>) {
    this.#work = work;
  }

  get running(): boolean {
    return this.#running !== undefined;
  }

  /** @returns when nothing is left to do; what fails is told only where nothing was asked for since */
  ask(): Promise<void> {
    this.#outdated = true;
    this.#running ??= this.#untilCurrent().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  /** Work under way ends by itself. */
  stop(): void {
    this.#stopped = true;
  }

  async #untilCurrent(): Promise<void> {
    while (this.#outdated && !this.#stopped) {
      this.#outdated = false;
      try {
        await this.#work();
      } catch (error) {
        if (!this.#outdated) throw error;
      }
    }
  }
}
