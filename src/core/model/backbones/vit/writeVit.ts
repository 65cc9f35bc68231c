import type { GraphBuilder } from "../../../onnx/index.ts";
import type { PoolNames, VitNames } from "./names.ts";
import type { VitTensors } from "./tensors.ts";

export type Activation = "gelu" | "gelu_tanh" | "quick_gelu";

export interface VitShape {
  readonly dim: number;
  readonly depth: number;
  readonly heads: number;
  /** Epsilon of the norms. */
  readonly epsilon: number;
  readonly activation: Activation;
  readonly patch: { readonly height: number; readonly width: number };
  readonly grid: { readonly height: number; readonly width: number };
  /** Tokens before the patches, with what their positions add, float32 `[others, dim]`. */
  readonly before: Float32Array;
  /** What the positions add to the patches, `[positions, dim]`; nothing where they are rotary. */
  readonly positions: Float32Array | undefined;
  /** Cosines and sines per patch, `[positions, dim / heads]`. */
  readonly rotary: { readonly cos: Float32Array; readonly sin: Float32Array } | undefined;
}

/** Writes a vision transformer in primitive operators, each of which runs on WebGPU too. */
export class VitWriter {
  readonly #graph: GraphBuilder;
  readonly #tensors: VitTensors;
  readonly #names: VitNames;
  readonly #shape: VitShape;

  constructor(graph: GraphBuilder, tensors: VitTensors, names: VitNames, shape: VitShape) {
    this.#graph = graph;
    this.#tensors = tensors;
    this.#names = names;
    this.#shape = shape;
  }

  /** @param image float32 `[N, 3, H, W]`, normalised @returns all tokens behind the last norm, `[N, T, dim]` */
  tokens(image: string): string {
    const { before, norm, block } = this.#names;
    let x = this.#embed(image);
    if (before !== undefined) x = this.#norm(before, x);
    for (let i = 0; i < this.#shape.depth; i++) x = this.#block(block(i), x);
    return norm === undefined ? x : this.#norm(norm, x);
  }

  /** The patches' tokens as a feature map, `[N, dim, h, w]`. */
  map(tokens: string): string {
    const { grid, dim } = this.#shape;
    const others = this.#others;
    const graph = this.#graph;
    const end = others + grid.height * grid.width;
    const patches =
      others === 0 ? tokens : graph.op("Slice", [tokens, graph.ints([others]), graph.ints([end]), graph.ints([1])]);
    const rows = graph.op("Transpose", [patches], { perm: [0, 2, 1] });
    return graph.op("Reshape", [rows, graph.ints([0, dim, grid.height, grid.width])]);
  }

  /** What the network gives for the whole picture, `[N, d]`: its class token, projected or pooled as its family does it. */
  vector(tokens: string): string {
    const { pool, pooledNorm, projection } = this.#names;
    if (pool !== undefined) return this.#pooled(pool, tokens);
    const graph = this.#graph;
    const first = graph.op("Slice", [tokens, graph.ints([0]), graph.ints([1]), graph.ints([1])]);
    const normed = pooledNorm === undefined ? first : this.#norm(pooledNorm, first);
    return projection === undefined ? normed : graph.op("MatMul", [normed, this.#matrix(projection)]);
  }

  get #others(): number {
    return this.#shape.before.length / this.#shape.dim;
  }

  /** Patches in rows, what stands before them, and the positions: one sum, so that no shape has to be asked for. */
  #embed(image: string): string {
    const { dim, patch, grid, before, positions } = this.#shape;
    const graph = this.#graph;
    const kernel = this.#tensors.get(`${this.#names.patch}.weight`, dim * 3 * patch.height * patch.width);
    const bias = this.#tensors.optional(`${this.#names.patch}.bias`, dim);
    const inputs = [image, graph.floats(kernel.values, [dim, 3, patch.height, patch.width])];
    if (bias !== undefined) inputs.push(graph.floats(bias.values, [dim]));
    const size = [patch.height, patch.width];
    const cut = graph.op("Conv", inputs, { kernel_shape: size, strides: size });
    const rows = graph.op("Transpose", [graph.op("Reshape", [cut, graph.ints([0, dim, -1])])], { perm: [0, 2, 1] });
    const count = grid.height * grid.width;
    const others = this.#others;
    const padded = others === 0 ? rows : graph.op("Pad", [rows, graph.ints([0, others, 0, 0, 0, 0])]);
    const added = new Float32Array((others + count) * dim);
    added.set(before);
    if (positions !== undefined) added.set(positions, before.length);
    return graph.op("Add", [padded, graph.floats(added, [1, others + count, dim])]);
  }

  #block(names: ReturnType<VitNames["block"]>, input: string): string {
    const graph = this.#graph;
    const { dim } = this.#shape;
    const attended = this.#attention(names.qkv, this.#norm(names.norm1, input));
    const x = graph.op("Add", [input, this.#linear(names.out, attended, dim, this.#scale(names.scale1))]);
    const hidden = this.#activate(this.#linear(names.up, this.#norm(names.norm2, x)));
    return graph.op("Add", [x, this.#linear(names.down, hidden, dim, this.#scale(names.scale2))]);
  }

  #scale(name: string): Float32Array | undefined {
    return this.#tensors.optional(name, this.#shape.dim)?.values;
  }

  #attention(qkv: string | readonly [string, string, string], input: string): string {
    const graph = this.#graph;
    const { dim, heads, rotary } = this.#shape;
    const size = dim / heads;
    const parts = [0, 1, 2].map((part) => {
      const { weights, bias } = this.#part(qkv, part);
      // The product of queries and keys is divided by the root of their length: done once, in the weights.
      const scale = part === 0 ? size ** -0.5 : 1;
      const product = graph.op("MatMul", [input, graph.floats(transposed(weights, dim, dim, scale), [dim, dim])]);
      const sum =
        bias === undefined
          ? product
          : graph.op("Add", [
              product,
              graph.floats(
                bias.map((x) => x * scale),
                [dim],
              ),
            ]);
      return graph.op("Transpose", [graph.op("Reshape", [sum, graph.ints([0, 0, heads, size])])], {
        perm: [0, 2, 1, 3],
      });
    });
    const turned = rotary === undefined ? parts : [this.#rotate(parts[0]!), this.#rotate(parts[1]!), parts[2]!];
    return this.#attend(turned[0]!, turned[1]!, turned[2]!);
  }

  /** @param q and the others `[N, heads, T, size]` @returns `[N, T, dim]` */
  #attend(q: string, k: string, v: string): string {
    const graph = this.#graph;
    const scores = graph.op("MatMul", [q, graph.op("Transpose", [k], { perm: [0, 1, 3, 2] })]);
    const mixed = graph.op("MatMul", [graph.op("Softmax", [scores], { axis: -1 }), v]);
    return graph.op("Reshape", [
      graph.op("Transpose", [mixed], { perm: [0, 2, 1, 3] }),
      graph.ints([0, 0, this.#shape.dim]),
    ]);
  }

  /** Query, key or value of a joint or of separate matrices, `[dim, dim]` with outputs first. */
  #part(
    qkv: string | readonly [string, string, string],
    part: number,
  ): { weights: Float32Array; bias: Float32Array | undefined } {
    const { dim } = this.#shape;
    if (typeof qkv !== "string") {
      const name = qkv[part]!;
      const weights = this.#tensors.get(`${name}.weight`, dim * dim).values;
      return { weights, bias: this.#tensors.optional(`${name}.bias`, dim)?.values };
    }
    const area = dim * dim;
    const weights = this.#tensors.get(`${qkv}.weight`, 3 * area).values.subarray(part * area, (part + 1) * area);
    const bias = this.#tensors.optional(`${qkv}.bias`, 3 * dim)?.values.subarray(part * dim, (part + 1) * dim);
    return { weights, bias };
  }

  /** x cos + (-second half, first half) sin; the tokens before the patches have cos 1 and sin 0. */
  #rotate(x: string): string {
    const graph = this.#graph;
    const { dim, heads, rotary } = this.#shape;
    const size = dim / heads;
    const others = this.#others * size;
    const table = (values: Float32Array, fill: number) => {
      const all = new Float32Array(others + values.length).fill(fill, 0, others);
      all.set(values, others);
      return graph.floats(all, [1, 1, all.length / size, size]);
    };
    const half = (from: number, to: number) =>
      graph.op("Slice", [x, graph.ints([from]), graph.ints([to]), graph.ints([3])]);
    const turned = graph.op("Concat", [graph.op("Neg", [half(size / 2, size)]), half(0, size / 2)], { axis: 3 });
    const straight = graph.op("Mul", [x, table(rotary!.cos, 1)]);
    return graph.op("Add", [straight, graph.op("Mul", [turned, table(rotary!.sin, 0)])]);
  }

  /** SigLIP: a learned query asks all tokens, then an MLP with a skip. @returns `[N, 1, dim]` */
  #pooled({ probe, joint, prefix, norm, up, down }: PoolNames, tokens: string): string {
    const graph = this.#graph;
    const { dim, heads } = this.#shape;
    const size = dim / heads;
    const tensors = this.#tensors;
    const area = dim * dim;
    const all = joint
      ? [
          tensors.get(`${prefix}.in_proj_weight`, 3 * area).values,
          tensors.get(`${prefix}.in_proj_bias`, 3 * dim).values,
        ]
      : ["weight", "bias"].map((of) => {
          const [q, kv] = [tensors.get(`${prefix}.q.${of}`).values, tensors.get(`${prefix}.kv.${of}`).values];
          return Float32Array.from([...q, ...kv]);
        });
    const [weights, bias] = all as [Float32Array, Float32Array];
    const query = tensors.get(probe, dim).values;
    // The query is the same for every picture: its matrix is applied here.
    const q = Float32Array.from({ length: dim }, (_, o) => {
      let sum = bias[o]!;
      for (let i = 0; i < dim; i++) sum += weights[o * dim + i]! * query[i]!;
      return sum * size ** -0.5;
    });
    const part = (n: number) => {
      const matrix = graph.floats(transposed(weights.subarray(n * area, (n + 1) * area), dim, dim, 1), [dim, dim]);
      const offset = graph.floats(Float32Array.from(bias.subarray(n * dim, (n + 1) * dim)), [dim]);
      const sum = graph.op("Add", [graph.op("MatMul", [tokens, matrix]), offset]);
      return graph.op("Transpose", [graph.op("Reshape", [sum, graph.ints([0, 0, heads, size])])], {
        perm: [0, 2, 1, 3],
      });
    };
    const attended = this.#attend(graph.floats(q, [1, heads, 1, size]), part(1), part(2));
    const y = this.#linear(joint ? `${prefix}.out_proj` : `${prefix}.proj`, attended, dim);
    return graph.op("Add", [y, this.#linear(down, this.#activate(this.#linear(up, this.#norm(norm, y))), dim)]);
  }

  #norm(name: string, input: string): string {
    const { dim, epsilon } = this.#shape;
    const of = (part: string) => this.#graph.floats(this.#tensors.get(`${name}.${part}`, dim).values, [dim]);
    return this.#graph.op("LayerNormalization", [input, of("weight"), of("bias")], {
      axis: -1,
      epsilon: { float: epsilon },
    });
  }

  /** @param scale per output, as LayerScale has it */
  #linear(name: string, input: string, outputs?: number, scale?: Float32Array): string {
    const { shape, values } = this.#tensors.get(`${name}.weight`);
    const [out = 0, inputs = 0] = shape;
    const bias = this.#tensors.optional(`${name}.bias`, outputs ?? out)?.values;
    const matrix = this.#graph.floats(transposed(values, out, inputs, scale ?? 1), [inputs, out]);
    const product = this.#graph.op("MatMul", [input, matrix]);
    if (bias === undefined) return product;
    const offset = scale === undefined ? bias : bias.map((x, i) => x * scale[i]!);
    return this.#graph.op("Add", [product, this.#graph.floats(offset, [out])]);
  }

  #matrix(name: string): string {
    const { shape, values } = this.#tensors.get(`${name}.weight`);
    const [out = 0, inputs = 0] = shape;
    return this.#graph.floats(transposed(values, out, inputs, 1), [inputs, out]);
  }

  #activate(x: string): string {
    const graph = this.#graph;
    const { activation } = this.#shape;
    if (activation === "quick_gelu") {
      return graph.op("Mul", [x, graph.op("Sigmoid", [graph.op("Mul", [x, graph.scalar(1.702)])])]);
    }
    const inner =
      activation === "gelu"
        ? graph.op("Erf", [graph.op("Div", [x, graph.scalar(Math.SQRT2)])])
        : graph.op("Tanh", [graph.op("Mul", [this.#cubed(x), graph.scalar(Math.sqrt(2 / Math.PI))])]);
    const gate = graph.op("Add", [inner, graph.scalar(1)]);
    return graph.op("Mul", [graph.op("Mul", [x, gate]), graph.scalar(0.5)]);
  }

  /** x + 0.044715 x^3. */
  #cubed(x: string): string {
    const graph = this.#graph;
    const cube = graph.op("Mul", [graph.op("Mul", [x, x]), x]);
    return graph.op("Add", [x, graph.op("Mul", [cube, graph.scalar(0.044715)])]);
  }
}

/** `[outputs, inputs]` as `[inputs, outputs]`, each output times its scale. */
function transposed(values: Float32Array, outputs: number, inputs: number, scale: Float32Array | number): Float32Array {
  const result = new Float32Array(values.length);
  for (let o = 0; o < outputs; o++) {
    const factor = typeof scale === "number" ? scale : scale[o]!;
    for (let i = 0; i < inputs; i++) result[i * outputs + o] = values[o * inputs + i]! * factor;
  }
  return result;
}
