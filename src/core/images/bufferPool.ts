/** Buffers are made in these steps, so that one serves files of about its size. Bytes. */
const STEP = 1 << 18;
/** A larger one is not kept. Bytes. */
const LARGEST = 1 << 25;

/**
 * Buffers that serve one file after another. Memory outside of V8's heap that is made and dropped for every file makes
 * it collect garbage all the time: a fifth of the time of indexing photographs with a fast model.
 */
export class BufferPool {
  readonly #free: Buffer[] = [];
  readonly #most: number;

  /** @param most buffers that are kept: as many as are in use at the same time */
  constructor(most: number) {
    this.#most = most;
  }

  /** @returns of exactly this length, with whatever was in it before */
  take(length: number): Buffer {
    const at = this.#free.findIndex((buffer) => buffer.length >= length);
    const buffer = at < 0 ? Buffer.allocUnsafeSlow(Math.ceil(length / STEP) * STEP) : this.#free.splice(at, 1)[0]!;
    return buffer.subarray(0, length);
  }

  /** @param buffer from `take`; nobody uses it any more */
  give(buffer: Buffer): void {
    if (buffer.buffer.byteLength > LARGEST) return;
    this.#free.push(Buffer.from(buffer.buffer));
    // The smallest one goes: a larger one serves in its place.
    if (this.#free.length > this.#most) {
      this.#free.sort((a, b) => b.length - a.length);
      this.#free.pop();
    }
  }
}
