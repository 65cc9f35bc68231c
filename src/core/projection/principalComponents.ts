import { setImmediate } from "node:timers/promises";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { gather, Random, type Rows } from "../neighbours/index.ts";
import { GraphBuilder } from "../onnx/index.ts";
import { symmetricEigenvectors } from "./symmetricEigen.ts";

/** Directions that are followed at once; more than the two wanted, so that these two come out well. */
const RANK = 8;
const ITERATIONS = 4;
/** The directions are looked for in so many rows at most, evenly drawn; then all rows are seen along them. */
const SAMPLE = 2048;

/**
 * The first two principal components of embeddings: the picture that is there at once. Randomised subspace iteration
 * (Halko, Martinsson & Tropp, "Finding structure with randomness", 2011, algorithm 4.4), in onnxruntime over matrices that
 * stay where they are: no covariance matrix, and no copy for combined, which is several branches side by side.
 */
export class PrincipalComponents {
  readonly #session: InferenceSession;
  readonly #branches: number;

  private constructor(session: InferenceSession, branches: number) {
    this.#session = session;
    this.#branches = branches;
  }

  /** @param branches how many matrices are taken side by side */
  static async create(branches: number): Promise<PrincipalComponents> {
    const session = await InferenceSession.create(iterationGraph(branches), { executionProviders: ["cpu"] });
    return new PrincipalComponents(session, branches);
  }

  /** @returns float32 `[count, 2]`, centred; the sign of each axis is such that its largest value is positive */
  async run(rows: Rows, seed: number, signal?: AbortSignal): Promise<Float32Array> {
    const { count, dims } = rows;
    if (count === 0) return new Float32Array();
    const sample = feedsOf(count > SAMPLE ? gather(rows, evenRows(count)) : rows);
    const random = new Random(seed);
    const whole = dims.reduce((sum, dim) => sum + dim, 0);
    let basis = Float32Array.from({ length: whole * RANK }, () => random.unit() - 0.5);
    for (let i = 0; i < ITERATIONS; i++) {
      signal?.throwIfAborted();
      const outputs = await this.#session.run(
        { ...sample, ...this.#split(basis, dims) },
        dims.map((_, b) => `w_${b}`),
      );
      basis = new Float32Array(whole * RANK);
      let offset = 0;
      for (const b of dims.keys()) {
        const part = outputs[`w_${b}`]!.data as Float32Array;
        basis.set(part, offset);
        offset += part.length;
      }
      orthonormalise(basis, whole);
      await setImmediate();
    }
    const { z } = await this.#session.run({ ...feedsOf(rows), ...this.#split(basis, dims) }, ["z"]);
    return principalPlane(z!.data as Float32Array, count);
  }

  release(): Promise<void> {
    return this.#session.release();
  }

  #split(basis: Float32Array, dims: readonly number[]): Record<string, Tensor> {
    if (dims.length !== this.#branches) throw new RangeError(`${dims.length} branches, expected ${this.#branches}`);
    let offset = 0;
    return Object.fromEntries(
      dims.map((dim, b) => {
        const part = basis.subarray(offset, offset + dim * RANK);
        offset += dim * RANK;
        return [`q_${b}`, new Tensor("float32", part, [dim, RANK])];
      }),
    );
  }
}

function feedsOf({ count, dims, matrices }: Rows): Record<string, Tensor> {
  return Object.fromEntries(
    dims.map((dim, b) => [`x_${b}`, new Tensor("float32", matrices[b]!, [count, dim])] as const),
  );
}

/** Rows at even steps: neighbours in the order of paths are alike, so these are as mixed as all. */
function evenRows(count: number): number[] {
  return Array.from({ length: SAMPLE }, (_, i) => Math.floor((i * count) / SAMPLE));
}

/** Per branch b: `x_b` `[N, d]`, `q_b` `[d, r]`. Outputs `z` `[N, r]`, the centred X Q, and `w_b` `[d, r]`, X' z. */
function iterationGraph(branches: number): Uint8Array {
  const graph = new GraphBuilder("principal_components");
  const inputs = Array.from({ length: branches }, (_, b) => ({
    x: graph.input(`x_${b}`, "float32", ["N", `d${b}`]),
    q: graph.input(`q_${b}`, "float32", [`d${b}`, RANK]),
  }));
  const projected = graph.op(
    "Sum",
    inputs.map(({ x, q }) => graph.op("Gemm", [x, q])),
  );
  const z = graph.op("Sub", [projected, graph.op("ReduceMean", [projected], { axes: [0], keepdims: 1 })], {}, "z");
  graph.output(z, "float32", ["N", RANK]);
  // z is centred, so X' z is the same as that of centred embeddings.
  for (const [b, { x }] of inputs.entries()) {
    graph.op("Gemm", [x, z], { transA: 1 }, `w_${b}`);
    graph.output(`w_${b}`, "float32", [`d${b}`, RANK]);
  }
  return graph.encode();
}

/** Gram-Schmidt over the columns of a `[rows, RANK]` matrix, in place and twice over, which float32 needs. */
function orthonormalise(matrix: Float32Array, rows: number): void {
  for (let column = 0; column < RANK; column++) {
    for (let pass = 0; pass < 2; pass++) {
      for (let other = 0; other < column; other++) {
        let dot = 0;
        for (let i = 0; i < rows; i++) dot += matrix[i * RANK + column]! * matrix[i * RANK + other]!;
        for (let i = 0; i < rows; i++) matrix[i * RANK + column]! -= dot * matrix[i * RANK + other]!;
      }
      let sum = 0;
      for (let i = 0; i < rows; i++) sum += matrix[i * RANK + column]! ** 2;
      // Fewer directions than RANK: a column of zeros gives points at 0, which is right.
      const scale = sum > 1e-24 ? 1 / Math.sqrt(sum) : 0;
      for (let i = 0; i < rows; i++) matrix[i * RANK + column]! *= scale;
    }
  }
}

/** Turns `[count, RANK]` projections onto their own two main axes. */
function principalPlane(z: Float32Array, count: number): Float32Array {
  const gram = new Float64Array(RANK * RANK);
  for (let i = 0; i < count; i++) {
    for (let r = 0; r < RANK; r++) {
      for (let c = 0; c < RANK; c++) gram[r * RANK + c]! += z[i * RANK + r]! * z[i * RANK + c]!;
    }
  }
  const axes = symmetricEigenvectors(gram, RANK);
  const points = new Float32Array(2 * count);
  for (let axis = 0; axis < 2; axis++) {
    let largest = 0;
    for (let i = 0; i < count; i++) {
      let value = 0;
      for (let r = 0; r < RANK; r++) value += z[i * RANK + r]! * axes[r * RANK + axis]!;
      points[2 * i + axis] = value;
      if (Math.abs(value) > Math.abs(largest)) largest = value;
    }
    if (largest < 0) for (let i = 0; i < count; i++) points[2 * i + axis]! *= -1;
  }
  return points;
}
