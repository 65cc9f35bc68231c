import { firstMoment, secondMoment } from "./adam.ts";
import { type Dims, sizeOf } from "./attributes.ts";
import { CannotTrainError } from "./errors.ts";
import type { TrainingState } from "./trainingStep.ts";

/** Tensors where a training starts, by name. */
export type NamedTensors = ReadonlyMap<string, { readonly dims: Dims; readonly values: Float32Array }>;

/** What is trained: values by name, with Adam's moments and the number of steps taken. */
export class Parameters {
  readonly dims: ReadonlyMap<string, Dims>;
  /** What a step changes without a gradient. */
  readonly statistics: ReadonlyMap<string, Dims>;
  /** Parameters, moments and statistics, by the names of the graph's inputs. Replaced as a whole by each step. */
  values: ReadonlyMap<string, Float32Array>;
  steps = 0;

  /**
   * @param start the parameters as they are before the first step; the arrays are not kept
   * @param statistics what a step changes without a gradient
   */
  constructor(start: NamedTensors, statistics: NamedTensors = new Map()) {
    const dimsOf = (tensors: NamedTensors) => new Map([...tensors].map(([name, { dims }]) => [name, dims]));
    this.dims = dimsOf(start);
    this.statistics = dimsOf(statistics);
    this.values = new Map([
      ...[...start].flatMap(([name, { values, dims }]): [string, Float32Array][] => {
        if (values.length !== sizeOf(dims)) throw new RangeError(`${name} has ${values.length} values.`);
        const zeros = () => new Float32Array(values.length);
        return [
          [name, values.slice()],
          [firstMoment(name), zeros()],
          [secondMoment(name), zeros()],
        ];
      }),
      ...[...statistics].map(([name, { values }]): [string, Float32Array] => [name, values.slice()]),
    ]);
  }

  /** Sizes of a parameter, of a moment of it, or of a statistic. */
  dimsOf(name: string): Dims {
    return this.dims.get(name) ?? this.statistics.get(name) ?? this.dims.get(name.slice(0, name.lastIndexOf("/")))!;
  }

  /** The values of a parameter or statistic, not a copy. */
  of(name: string): Float32Array {
    return this.values.get(name)!;
  }

  /** Gives some values anew. */
  replace(values: ReadonlyMap<string, Float32Array>): void {
    this.values = new Map([...this.values].map(([name, v]) => [name, values.get(name) ?? v]));
  }

  state(): TrainingState {
    return new Map([
      ...[...this.values].map(([name, v]) => [name, v.slice()] as const),
      ["t", Float32Array.of(this.steps)],
    ]);
  }

  /** @throws CannotTrainError where the state is that of another network or of other options */
  restore(state: TrainingState): void {
    const steps = state.get("t")?.[0];
    const restored = new Map([...this.values].map(([name, v]) => [name, state.get(name)?.slice() ?? v] as const));
    const fits = [...this.values].every(([name, v]) => state.get(name)?.length === v.length);
    if (steps === undefined || !fits || state.size !== this.values.size + 1) {
      throw new CannotTrainError(
        "The saved state belongs to another model or to a training with other options. Start the training anew.",
      );
    }
    this.values = restored;
    this.steps = steps;
  }
}
