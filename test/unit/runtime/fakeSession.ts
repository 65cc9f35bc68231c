import type { ModelSession } from "../../../src/core/runtime/modelSession.ts";

/** A clock that only moves when a fake session works. */
export class FakeClock {
  #time = 0;
  readonly now = (): number => this.#time;
  pass(milliseconds: number): void {
    this.#time += milliseconds;
  }
}

export interface FakeBehaviour {
  readonly clock?: FakeClock;
  /** Time of a run, in milliseconds. */
  readonly time?: (count: number) => number;
  /** Largest batch that fits into memory. */
  readonly memory?: number;
  readonly memoryError?: string;
  /** Added to each output. */
  readonly wrongBy?: number;
  readonly failure?: string;
}

/** Images are one byte, and the embedding of an image is that byte: `[count, 1]`. Counts what is done to it. */
export class FakeSession implements ModelSession {
  readonly batches: number[] = [];
  released = 0;
  readonly #behaviour: FakeBehaviour;

  constructor(behaviour: FakeBehaviour = {}) {
    this.#behaviour = behaviour;
  }

  async run(pixels: Uint8Array, count: number): Promise<Float32Array> {
    const { clock, time = () => 1, memory = Number.POSITIVE_INFINITY, failure, wrongBy = 0 } = this.#behaviour;
    if (this.released > 0) throw new Error("used after release");
    if (pixels.length !== count) throw new Error(`${pixels.length} bytes for ${count} images`);
    this.batches.push(count);
    if (failure !== undefined) throw new Error(failure);
    if (count > memory) throw new Error(this.#behaviour.memoryError ?? "CUDA error: out of memory");
    clock?.pass(time(count));
    return Float32Array.from(pixels, (byte) => byte + wrongBy);
  }

  async release(): Promise<void> {
    this.released++;
  }
}
