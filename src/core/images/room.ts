/** Room for what is held at the same time; who asks for more than is left waits, in the order of asking. */
export class Room {
  readonly #whole: number;
  #left: number;
  readonly #waiting: { readonly size: number; readonly enter: () => void }[] = [];

  /** @param whole bytes */
  constructor(whole: number) {
    this.#whole = whole;
    this.#left = whole;
  }

  /** Does work that holds `size` bytes once there is room for it. What is larger than the whole has it to itself. */
  async hold<T>(size: number, work: () => Promise<T>): Promise<T> {
    const taken = Math.min(size, this.#whole);
    if (this.#waiting.length > 0 || taken > this.#left) {
      await new Promise<void>((enter) => this.#waiting.push({ size: taken, enter }));
    } else this.#left -= taken;
    try {
      return await work();
    } finally {
      this.#left += taken;
      this.#letIn();
    }
  }

  #letIn(): void {
    for (let next = this.#waiting[0]; next !== undefined && next.size <= this.#left; next = this.#waiting[0]) {
      this.#waiting.shift();
      this.#left -= next.size;
      next.enter();
    }
  }
}
