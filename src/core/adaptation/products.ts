import { InferenceSession, Tensor } from "onnxruntime-node";
import { GraphBuilder } from "../onnx/index.ts";

/** Which factor is taken as its transpose: `a b^T`, or `a^T b`. */
const FORMS = { second: { transB: 1 }, first: { transA: 1 } } as const;

export type Transposed = keyof typeof FORMS;

/** A row-major float64 matrix. */
export interface Matrix64 {
  readonly values: Float64Array;
  readonly rows: number;
  readonly columns: number;
}

/**
 * Products of float64 matrices by onnxruntime, ten times as fast as loops here. One thread each: the order of the sums, and so the
 * bits, depends on the machine alone.
 */
export class Products {
  readonly #sessions: Readonly<Record<Transposed, InferenceSession>>;

  static async open(): Promise<Products> {
    const session = (form: Transposed) => {
      const graph = new GraphBuilder("product");
      graph.input("a", "float64", ["rows", "inner"]);
      graph.input("b", "float64", ["columns", "others"]);
      graph.op("Gemm", ["a", "b"], FORMS[form], "product");
      graph.output("product", "float64", ["n", "m"]);
      return InferenceSession.create(graph.encode(), {
        executionProviders: ["cpu"],
        intraOpNumThreads: 1,
        // Matrices of many sizes: what was taken for the largest is not to stay.
        enableCpuMemArena: false,
        enableMemPattern: false,
      });
    };
    return new Products({ second: await session("second"), first: await session("first") });
  }

  private constructor(sessions: Readonly<Record<Transposed, InferenceSession>>) {
    this.#sessions = sessions;
  }

  /** @returns `a b^T` `[a.rows, b.rows]`, or `a^T b` `[a.columns, b.columns]` */
  async of(a: Matrix64, b: Matrix64, transposed: Transposed): Promise<Float64Array> {
    const tensor = ({ values, rows, columns }: Matrix64) => new Tensor("float64", values, [rows, columns]);
    const { product } = await this.#sessions[transposed].run({ a: tensor(a), b: tensor(b) });
    return product!.data as Float64Array;
  }

  async release(): Promise<void> {
    for (const session of Object.values(this.#sessions)) await session.release();
  }
}
