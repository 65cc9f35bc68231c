/** Starts a training as a window does, tells its id, and waits to be killed. */
import { TrainingRuns } from "../../../src/extension/training/trainingRuns.ts";
import { TRAINING_DEFAULTS } from "../../../src/shared/index.ts";

interface Asked {
  readonly folder: string;
  readonly trainer: string;
  readonly outlives: boolean;
  readonly images: string;
  readonly model: string;
}

process.on("message", async ({ folder, trainer, outlives, images, model }: Asked) => {
  const runs = new TrainingRuns({ folder, trainer, outlives: () => outlives });
  const options = { ...TRAINING_DEFAULTS, folder: images, epochs: 100_000, model, device: "cpu" as const };
  process.send!(await runs.start(options, "mine"));
});
