import { Tensor } from "onnxruntime-node";
import { COMBINED } from "../../shared/index.ts";
import { GraphBuilder } from "../onnx/index.ts";
import { sessionOptions } from "../runtime/index.ts";
import type { Dims } from "./attributes.ts";
import { classifierOf } from "./classifier.ts";
import { addLosses } from "./losses/index.ts";
import { calibrated } from "./network/batchNorm.ts";
import { measureNorm, measureStatistics } from "./network/calibrate.ts";
import { CurrentEmbedder } from "./network/currentEmbedder.ts";
import { adoptForward } from "./network/forward.ts";
import { type FullOptions, openFullNetwork } from "./network/fullNetwork.ts";
import { proxiesOf } from "./proxies.ts";
import type { Execution } from "./stepDevice.ts";
import { LABELS, StepSession } from "./stepSession.ts";
import type { PixelInput, TrainingStep } from "./trainingStep.ts";

export type FullStepOptions = FullOptions & Execution;

/**
 * Trains a CGD model end to end (arXiv 1903.10663, section 3): backbone from a stage on, descriptors, FC. Ranking loss
 * on the combined embedding, classification loss on the first descriptor before its FC.
 * @throws CannotTrainError where the model has an operator that cannot be differentiated, or the options do not fit it
 * @throws ModelError where the file is no model of ours
 */
export async function openFullStep(options: FullStepOptions): Promise<TrainingStep<PixelInput>> {
  const { file, batch, losses } = options;
  const full = openFullNetwork(options);
  const { network, trained, norms, biases, parameters, descriptor, classifierStart: start, encode } = full;
  const { width, height } = network.manifest.input;
  const image: Dims = [batch, height, width, 3];
  const graph = new GraphBuilder("full step", "step_");
  graph.input("image", "uint8", image);
  adoptForward(graph, network, trained, norms);
  addLosses(
    graph,
    losses,
    COMBINED,
    LABELS,
    batch,
    classifierOf(options, descriptor),
    proxiesOf(losses, options.classes),
  );
  const session = await StepSession.open(graph, parameters, new Map([["image", image]]), batch, file, options);
  const embedder = new CurrentEmbedder(network.manifest, encode, { ...options, device: session.device.used });
  const execution = sessionOptions(session.device.used, { threads: options.threads, inPart: true });

  return {
    batch,
    device: session.device,
    async run(input, labels, learningRate) {
      await embedder.forget();
      const pixels = new Tensor("uint8", input, image);
      if (start !== undefined && parameters.steps === 0) {
        parameters.replace(start(await measureNorm(encode(), descriptor, pixels, execution)));
      }
      if (norms.length > 0 && parameters.steps === 0) {
        const measured = await measureStatistics(encode(), norms, pixels, execution);
        parameters.replace(calibrated(norms, measured, ({ bias }) => biases.get(bias)!));
      }
      return session.run({ image: pixels }, labels, learningRate);
    },
    embed: (input, n) => embedder.embed(input, n),
    state: () => parameters.state(),
    restore(state) {
      parameters.restore(state);
      void embedder.forget();
    },
    exponents: () => full.exponents(),
    toModel: (name, training) => full.toModel(name, training),
    async close() {
      await embedder.forget();
      await session.close();
    },
  };
}
