import { join } from "node:path";
import { writeAtomically } from "../../files/index.ts";
import type { Rows } from "../../neighbours/index.ts";
import type { LabelledImage } from "../data/labelledImages.ts";
import type { HeadNetwork } from "../network/headNetwork.ts";
import type { RunContext, Trained } from "../run/context.ts";
import type { EmbeddedImages } from "../run/embedImages.ts";
import { classesOf, embedRows } from "../run/headData.ts";
import { runKey } from "../run/runKey.ts";
import { type Schedule, scheduleOf } from "../run/schedule.ts";
import { scoreTrained } from "../run/trainAndScore.ts";
import { headJobNetwork, JOB_FILES, type JobImages } from "./job.ts";
import { type TorchParts, trainWithTorch } from "./trainWithTorch.ts";

interface HeadData {
  /** Images with a gradient and their views, and the class of each. */
  readonly fitted: EmbeddedImages;
  readonly labels: Int32Array;
  /** Of the validation, and their embeddings. */
  readonly held: readonly LabelledImage[];
  readonly views: Rows;
  readonly classesPerBatch: number;
}

/** Images whose embeddings are written at a time. */
const CHUNK = 1024;

/** Mode `head` with the steps of torch, on the embeddings that the built-in engine has. */
export async function trainHeadWithTorch(
  run: RunContext,
  network: HeadNetwork,
  { fitted, labels, held, views, classesPerBatch }: HeadData,
  defaults: Pick<Schedule, "epochs" | "learningRate">,
): Promise<Trained> {
  const { options, test, embedder } = run;
  const { each } = fitted;
  const writeImages: TorchParts["writeImages"] = async (folder, withTest) => {
    const write = async (file: string, images: readonly LabelledImage[], rows: Rows, n: number): Promise<JobImages> => {
      await writeRows(join(folder, file), rows, images.length * n);
      return { count: images.length, views: n, dims: rows.dims, labels: [...classesOf(images).labels] };
    };
    return {
      train: await write(JOB_FILES.train, fitted.images, fitted.rows, each),
      validation: await write(JOB_FILES.validation, held, views, 1),
      test: await write(JOB_FILES.test, withTest ? test.images : [], test.rows, 1),
    };
  };
  try {
    const { epoch, stopped } = await trainWithTorch(run, {
      key: `torch/${runKey(run, fitted.images)}`,
      network: headJobNetwork(network, embedder.summary.name),
      images: 0,
      writeImages,
      ...{ labels, classesPerBatch, imagesPerClass: options.imagesPerClass, seed: options.seed },
      schedule: scheduleOf(options, defaults),
      view: (draw) => [(draw >>> 0) % each, 0, 0],
    });
    const tested = await embedRows(network.embed, test.rows);
    return await scoreTrained(run, tested, epoch, stopped, (training) => network.toModel(run.name, training));
  } finally {
    await network.close();
  }
}

/** Row by row the branches side by side, float32. */
async function writeRows(file: string, { dims, matrices }: Rows, count: number): Promise<void> {
  const width = dims.reduce((sum, dim) => sum + dim, 0);
  await writeAtomically(file, async (write) => {
    for (let start = 0; start < count; start += CHUNK) {
      const n = Math.min(CHUNK, count - start);
      const rows = new Float32Array(n * width);
      for (let i = 0; i < n; i++) {
        let at = i * width;
        for (const [b, dim] of dims.entries()) {
          rows.set(matrices[b]!.subarray((start + i) * dim, (start + i + 1) * dim), at);
          at += dim;
        }
      }
      await write(new Uint8Array(rows.buffer));
    }
  });
}
