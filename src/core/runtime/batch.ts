import type { ModelSession } from "./modelSession.ts";
import { isOutOfMemory } from "./outOfMemory.ts";

/** Largest batch on the CPU: a run cannot be stopped, so a larger one would only make cancelling slower. Smaller ones do not. */
const CPU_LIMIT = 8;
/** Largest batch on a GPU. */
const GPU_LIMIT = 64;
/** A batch twice as large is only worth its memory where it is faster by this factor. */
const WORTH = 1.05;
/** A batch is measured again until this much time is spent on it, in milliseconds, or three runs. The best one counts. */
const STEP_TIME = 300;
/** No larger batch is tried once the climb took this long, in milliseconds: a slow device is known by then. */
const CLIMB_TIME = 3000;

export interface Climb {
  readonly batch: number;
  /** Of wall time, at that batch. */
  readonly imagesPerSecond: number;
}

/**
 * Finds the batch at which a session is fast: doubles it while that brings more than 5 % images per second. On the CPU the
 * largest is taken that is not slower: images come in batches of that size anyway, and what else the machine does moves a
 * single step by more than that.
 * @param image uint8 `[height, width, 3]`, used for every image of a batch
 * @param now milliseconds
 * @throws what the session throws at a batch of 1
 */
export async function climbBatch(
  session: ModelSession,
  image: Uint8Array,
  device: string,
  now: () => number = () => performance.now(),
): Promise<Climb> {
  const limit = device === "cpu" ? CPU_LIMIT : GPU_LIMIT;
  const start = now();
  let best: Climb = { batch: 1, imagesPerSecond: await measure(session, image, 1, device !== "cpu", now) };
  for (let batch = 2; batch <= limit && now() - start < CLIMB_TIME; batch *= 2) {
    let imagesPerSecond: number;
    try {
      imagesPerSecond = await measure(session, image, batch, device !== "cpu", now);
    } catch (error) {
      if (isOutOfMemory(error)) break;
      throw error;
    }
    if (device === "cpu") {
      if (WORTH * imagesPerSecond >= best.imagesPerSecond) best = { batch, imagesPerSecond };
      continue;
    }
    if (imagesPerSecond <= WORTH * best.imagesPerSecond) break;
    best = { batch, imagesPerSecond };
  }
  return best;
}

async function measure(
  session: ModelSession,
  image: Uint8Array,
  batch: number,
  warmUp: boolean,
  now: () => number,
): Promise<number> {
  const pixels = new Uint8Array(batch * image.length);
  for (let i = 0; i < batch; i++) pixels.set(image, i * image.length);
  // A GPU compiles its programs again for another shape: the first run of a batch is not its speed.
  if (warmUp) await session.run(pixels, batch);
  let fastest = Number.POSITIVE_INFINITY;
  const start = now();
  for (let run = 0; run < 3 && (run === 0 || now() - start < STEP_TIME); run++) {
    const before = now();
    await session.run(pixels, batch);
    fastest = Math.min(fastest, now() - before);
  }
  return (1000 * batch) / Math.max(fastest, 1e-3);
}

/**
 * Runs images in batches of at most `batch`. Where the device's memory does not suffice, the batch is halved, and the
 * work goes on from the image where it stopped.
 */
export class BatchRunner {
  readonly #session: ModelSession;
  #batch: number;

  constructor(session: ModelSession, batch: number) {
    this.#session = session;
    this.#batch = batch;
  }

  /** Images per run; smaller after the memory ran out. */
  get batch(): number {
    return this.#batch;
  }

  /**
   * @param pixels uint8 `[count, height, width, 3]`
   * @param dim length of a row of the result
   * @returns float32 `[count, dim]`
   * @throws what the session throws, also for want of memory where a single image is too much
   */
  async run(pixels: Uint8Array, count: number, dim: number): Promise<Float32Array> {
    const imageBytes = pixels.length / count;
    const rows = new Float32Array(count * dim);
    for (let done = 0; done < count; ) {
      const size = Math.min(this.#batch, count - done);
      try {
        const part = pixels.subarray(done * imageBytes, (done + size) * imageBytes);
        rows.set(await this.#session.run(part, size), done * dim);
        done += size;
      } catch (error) {
        if (size === 1 || !isOutOfMemory(error)) throw error;
        this.#batch = Math.ceil(size / 2);
      }
    }
    return rows;
  }
}
