import { firstMoment, secondMoment } from "./adam.ts";
import { type Dims, sizeOf } from "./attributes.ts";
import { CannotTrainError } from "./errors.ts";
import type { TrainingState } from "./trainingStep.ts";

/** What is trained: values by name, with Adam's moments and the number of steps taken. */
export class Parameters {
  readonly dims: ReadonlyMap<string, Dims>;
  /** Parameters and moments, by the names of the graph's inputs. Replaced as a whole by each step. */
  values: ReadonlyMap<string, Float32Array>;
  steps = 0;

  /** @param start the parameters as they are before the first step; the arrays are not kept */
  constructor(start: ReadonlyMap<string, { readonly dims: Dims; readonly values: Float32Array }>) {
    this.dims = new Map([...start].map(([name, { dims }]) => [name, dims]));
    this.values = new Map(
      [...start].flatMap(([name, { values, dims }]): [string, Float32Array][] => {
        if (values.length !== sizeOf(dims)) throw new RangeError(`${name} has ${values.length} values.`);
        const zeros = () => new Float32Array(values.length);
        return [
          [name, values.slice()],
          [firstMoment(name), zeros()],
          [secondMoment(name), zeros()],
        ];
      }),
    );
  }

  /** Sizes of a parameter or of a moment of it. */
  dimsOf(name: string): Dims {
    return this.dims.get(name) ?? this.dims.get(name.slice(0, name.lastIndexOf("/")))!;
  }

  /** The values of a parameter, not a copy. */
  of(name: string): Float32Array {
    return this.values.get(name)!;
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
