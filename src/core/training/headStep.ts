import { GraphBuilder } from "../onnx/index.ts";
import { classifierOf } from "./classifier.ts";
import { addLosses } from "./losses/index.ts";
import { type HeadOptions, headFeeds, openHeadNetwork } from "./network/headNetwork.ts";
import { proxiesOf } from "./proxies.ts";
import type { Execution } from "./stepDevice.ts";
import { LABELS, StepSession } from "./stepSession.ts";
import type { HeadInput, TrainingStep } from "./trainingStep.ts";

export type HeadStepOptions = HeadOptions & Execution;

/**
 * Trains the heads of a frozen model: per branch y = x W + b and L2, then the combined embedding (arXiv 1903.10663,
 * section 3.2), on the branches' embeddings x, which are computed once. The ranking loss is that of the paper. Its
 * classifier reads the first descriptor before the FC; with a frozen backbone nothing that is trained lies before it, so
 * here it reads the first branch behind its FC, before L2 (docs/training.md has the comparison).
 * @throws CannotTrainError where the heads do not fit the model
 * @throws ModelError where the file is no model of ours
 */
export async function openHeadStep(options: HeadStepOptions): Promise<TrainingStep<HeadInput>> {
  const { file, batch, losses } = options;
  const network = await openHeadNetwork(options, options);
  const { descriptors, parameters, inputs } = network;
  const graph = new GraphBuilder("head step", "step_");
  for (const [name, dims] of inputs) graph.input(name, "float32", dims);
  const { combined, classified } = network.addTo(graph);
  addLosses(
    graph,
    losses,
    combined,
    LABELS,
    batch,
    classifierOf(options, classified),
    proxiesOf(losses, options.classes),
  );
  const session = await StepSession.open(graph, parameters, inputs, batch, file, options);
  return {
    batch,
    device: session.device,
    run: (input, labels, learningRate) => session.run(headFeeds(descriptors, input, batch), labels, learningRate),
    embed: (input, n) => network.embed(input, n),
    state: () => parameters.state(),
    restore: (state) => parameters.restore(state),
    exponents: () => network.exponents(),
    toModel: (name, training) => network.toModel(name, training),
    async close() {
      await session.close();
      await network.close();
    },
  };
}
