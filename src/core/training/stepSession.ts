import { type InferenceSession, Tensor } from "onnxruntime-node";
import type { DeviceUse } from "../../shared/index.ts";
import type { GraphBuilder } from "../onnx/index.ts";
import { failureReason } from "../runtime/index.ts";
import { adamScalars, addAdam, after, FLOOR, RATE } from "./adam.ts";
import { type Dims, sizeOf } from "./attributes.ts";
import { differentiate } from "./differentiate.ts";
import { CannotTrainError } from "./errors.ts";
import { REPORT } from "./losses/index.ts";
import type { Parameters } from "./parameters.ts";
import { rateOf } from "./proxies.ts";
import { type Execution, openOnDevice } from "./stepDevice.ts";
import type { StepReport } from "./trainingStep.ts";

/** Name of the labels' input, float32 `[n]`. */
export const LABELS = "labels";

/** The whole step as one graph in onnxruntime, and the parameters that it changes. */
export class StepSession {
  readonly device: DeviceUse;
  readonly #session: InferenceSession;
  readonly #parameters: Parameters;
  /** Memory for the next values, which becomes that of the present ones: a step allocates nothing for them. */
  #spare: Map<string, Float32Array>;

  private constructor(session: InferenceSession, device: DeviceUse, parameters: Parameters) {
    this.#session = session;
    this.device = device;
    this.#parameters = parameters;
    this.#spare = new Map([...parameters.values].map(([name, v]) => [name, new Float32Array(v.length)]));
  }

  /**
   * Completes a forward graph, which has `REPORT` among its outputs, with gradients and Adam, and loads it.
   * @param inputs sizes of the inputs beside labels and parameters
   * @throws CannotTrainError where an operator cannot be differentiated
   */
  static async open(
    graph: GraphBuilder,
    parameters: Parameters,
    inputs: ReadonlyMap<string, Dims>,
    batch: number,
    model: string,
    execution: Execution,
  ): Promise<StepSession> {
    for (const [name, dims] of parameters.dims) graph.input(name, "float32", dims);
    graph.input(LABELS, "float32", [batch]);
    for (const name of [RATE, FLOOR]) graph.input(name, "float32", []);
    const gradients = differentiate(graph, {
      loss: REPORT.loss,
      parameters: parameters.dims,
      inputs: new Map([...inputs, [LABELS, [batch]]]),
      model,
    });
    for (const [name, dims] of parameters.dims) {
      const gradient = gradients.get(name) ?? graph.floats(new Float32Array(sizeOf(dims)), dims);
      addAdam(graph, name, dims, gradient, rateOf(name));
    }
    const { session, use } = await openOnDevice(graph.encode(), execution, {
      // The arena grows by doubling: a ResNet-50 then takes a third more memory, and no less time.
      enableCpuMemArena: false,
    });
    return new StepSession(session, use, parameters);
  }

  /**
   * One step. Where the loss is not a finite number, the parameters stay as they were.
   * @throws CannotTrainError where the device fails, as when its memory does not suffice
   */
  async run(inputs: Readonly<Record<string, Tensor>>, labels: Int32Array, learningRate: number): Promise<StepReport> {
    const parameters = this.#parameters;
    const { rate, floor } = adamScalars(learningRate, parameters.steps + 1);
    const tensor = (name: string, values: Float32Array) => new Tensor("float32", values, parameters.dimsOf(name));
    const scalar = (value: number) => new Tensor("float32", Float32Array.of(value), []);
    const now = [...parameters.values].map(([name, values]) => [name, tensor(name, values)] as const);
    const next = [...this.#spare].map(([name, values]) => [after(name), tensor(name, values)] as const);
    const feeds = {
      ...inputs,
      ...Object.fromEntries(now),
      [LABELS]: new Tensor("float32", Float32Array.from(labels), [labels.length]),
      [RATE]: scalar(rate),
      [FLOOR]: scalar(floor),
    };
    const reported = Object.fromEntries(Object.values(REPORT).map((name) => [name, null]));
    const results = await this.#session
      .run(feeds, { ...reported, ...Object.fromEntries(next) })
      .catch((cause: unknown) => {
        const { used } = this.device;
        throw new CannotTrainError(
          `A step failed on ${used}: ${failureReason(cause)}. Use a smaller batch or input${used === "cpu" ? "" : ", or train on the CPU"}.`,
          { cause },
        );
      });
    const value = (name: string) => Number(results[name]!.data[0]);
    const loss = value(REPORT.loss);
    if (Number.isFinite(loss)) {
      const spare = new Map(parameters.values);
      parameters.values = this.#spare;
      parameters.steps++;
      this.#spare = spare;
    }
    return {
      loss,
      rankingLoss: value(REPORT.ranking),
      classificationLoss: value(REPORT.classification),
      active: value(REPORT.active),
    };
  }

  async close(): Promise<void> {
    await this.#session.release();
  }
}
