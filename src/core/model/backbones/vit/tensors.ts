import { ModelError } from "../../errors.ts";
import type { FloatTensor, Safetensors } from "../../safetensors.ts";

/** Reads a file's tensors, and knows which of them nobody asked for. */
export class VitTensors {
  readonly #weights: Safetensors;
  readonly #file: string;
  readonly #names: ReadonlySet<string>;
  readonly #used = new Set<string>();

  constructor(weights: Safetensors, file: string) {
    this.#weights = weights;
    this.#file = file;
    this.#names = new Set(weights.names);
  }

  has(name: string): boolean {
    return this.#names.has(name);
  }

  shape(name: string): readonly number[] {
    return this.#weights.info(name)?.shape ?? [];
  }

  /** @throws ModelError where it is missing, of another size, or holds what is no finite number */
  get(name: string, count?: number): FloatTensor {
    this.#used.add(name);
    const tensor = this.#weights.floats(name);
    if (count !== undefined && tensor.values.length !== count) {
      throw new ModelError(
        `${name} in ${this.#file} has the shape [${tensor.shape.join(", ")}], which does not fit the others. Take other weights.`,
      );
    }
    if (!tensor.values.every(Number.isFinite)) {
      throw new ModelError(`${this.#file} has values in ${name} that are no finite numbers. Take other weights.`);
    }
    return tensor;
  }

  optional(name: string, count?: number): FloatTensor | undefined {
    return this.has(name) ? this.get(name, count) : undefined;
  }

  /** A tensor that would change what the network computes must not be passed over. @throws ModelError */
  refuseOthers(ignored: RegExp): void {
    const other = [...this.#names].find((name) => !this.#used.has(name) && !ignored.test(name));
    if (other === undefined) return;
    throw new ModelError(
      `${this.#file} holds a vision transformer with a part that is not known here (${other}). Export it as ONNX and import that.`,
    );
  }
}
