import { cpuUsage } from "node:process";

/** Work that is measured: `run` does `flops` floating-point operations (and embeds `images` images). */
export interface Contender {
  readonly name: string;
  readonly flops: number;
  readonly images: number;
  run(): Promise<unknown>;
}

/** Medians over the rounds. */
export interface Speed {
  readonly name: string;
  readonly imagesPerSecond: number;
  readonly imagesPerCpuSecond: number;
  /** 10^9 operations per second of wall time. */
  readonly gflops: number;
  /** Per second of CPU time, which other programs on the machine disturb less. */
  readonly gflopsPerCpu: number;
  /** Of `gflopsPerCpu` to that of the first contender in the same round. */
  readonly ratio: number;
}

/** A contender's share of a round, in milliseconds of wall time; at least one run. */
const SHARE = 400;

/**
 * Measures contenders in turn, round by round, so that whatever else the machine does hits all of them alike.
 * @param contenders the first one is what the others are compared with
 */
export async function interleave(contenders: readonly Contender[], rounds: number): Promise<Speed[]> {
  // The first runs fill caches and set up memory.
  for (const { run } of contenders) await run();
  const all = contenders.map(() => [] as Omit<Speed, "name" | "ratio">[]);
  for (let round = 0; round < rounds; round++) {
    for (const [i, contender] of contenders.entries()) all[i]!.push(await measure(contender));
  }
  return contenders.map(({ name }, i) => {
    const of = (pick: (speed: Omit<Speed, "name" | "ratio">) => number) => median(all[i]!.map(pick));
    return {
      name,
      imagesPerSecond: of((speed) => speed.imagesPerSecond),
      imagesPerCpuSecond: of((speed) => speed.imagesPerCpuSecond),
      gflops: of((speed) => speed.gflops),
      gflopsPerCpu: of((speed) => speed.gflopsPerCpu),
      ratio: median(all[i]!.map((speed, round) => speed.gflopsPerCpu / all[0]![round]!.gflopsPerCpu)),
    };
  });
}

async function measure({ flops, images, run }: Contender): Promise<Omit<Speed, "name" | "ratio">> {
  const cpu = cpuUsage();
  const start = performance.now();
  let runs = 0;
  for (; runs === 0 || performance.now() - start < SHARE; runs++) await run();
  const wall = (performance.now() - start) / 1000;
  const { user, system } = cpuUsage(cpu);
  const seconds = (user + system) / 1e6;
  return {
    imagesPerSecond: (runs * images) / wall,
    imagesPerCpuSecond: (runs * images) / seconds,
    gflops: (runs * flops) / wall / 1e9,
    gflopsPerCpu: (runs * flops) / seconds / 1e9,
  };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
