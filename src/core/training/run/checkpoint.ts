import type { Recalls } from "../../../shared/index.ts";
import type { TrainingState } from "../trainingStep.ts";
import type { SamplerState } from "./sampler.ts";
import { readTensorFile, writeTensorFile } from "./tensorFile.ts";
import type { WatchState } from "./watch.ts";

/** All that a run needs to go on as if it had never stopped. */
export interface Checkpoint {
  /** What the run depends on: a checkpoint of another run is of no use. */
  readonly key: string;
  readonly sampler: SamplerState;
  readonly watch: WatchState;
  /** Weights and optimiser. */
  readonly state: TrainingState;
  readonly best: Best;
}

/** The best state of a run so far, by the validation. */
export interface Best {
  readonly state: TrainingState;
  /** Epochs that it was trained for. */
  readonly epoch: number;
  /** What each query of the validation finds (`precisionsOf`); null where there is no validation: then the latest is the best. */
  readonly precisions: readonly number[] | null;
  /** On the test images, for the record only: nothing is chosen by it. */
  readonly recalls: Recalls;
}

interface Meta extends Omit<Checkpoint, "state" | "best"> {
  readonly best: Omit<Best, "state">;
}

const NOW = "now/";
const BEST = "best/";

/** @throws FileError where it cannot be written; the old one stays */
export function writeCheckpoint(file: string, { state, best, ...rest }: Checkpoint): Promise<void> {
  const { state: bestState, ...bestRest } = best;
  const meta: Meta = { ...rest, best: bestRest };
  const tensors = new Map([
    ...[...state].map(([name, values]) => [NOW + name, values] as const),
    ...[...bestState].map(([name, values]) => [BEST + name, values] as const),
  ]);
  return writeTensorFile(file, meta, tensors);
}

/** @returns null where there is none that belongs to `key` */
export async function readCheckpoint(file: string, key: string): Promise<Checkpoint | null> {
  const kept = await readTensorFile(file);
  // Only `writeCheckpoint` writes such files, whole, and the key says for which run.
  const meta = kept?.meta as Meta | undefined;
  if (kept === null || meta?.key !== key) return null;
  const part = (prefix: string) =>
    new Map(
      [...kept.tensors].flatMap(([name, values]): [string, Float32Array][] =>
        name.startsWith(prefix) ? [[name.slice(prefix.length), values]] : [],
      ),
    );
  return { ...meta, state: part(NOW), best: { ...meta.best, state: part(BEST) } };
}
