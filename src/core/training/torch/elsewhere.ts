import { promises as fs } from "node:fs";
import { dirname, join } from "node:path";
import { RUN_FILES, type TrainedElsewhere, type TrainingRunInfo } from "../../../shared/index.ts";
import { writeFileAtomically } from "../../files/index.ts";

/** Thrown where a job was written whose steps are taken elsewhere: there is no model yet. */
export class PreparedElsewhere extends Error {
  override readonly name = "PreparedElsewhere";
  readonly prepared: TrainedElsewhere;

  constructor(prepared: TrainedElsewhere) {
    super(
      `The weights are not there yet: bring ${prepared.result} back from the machine that trained, then import the folder again.`,
    );
    this.prepared = prepared;
  }
}

/** Files of a run that is taken elsewhere, beside the job. */
const ELSEWHERE = { trainer: "trainer", slurm: "slurm.sh", readme: "README.md" } as const;

/** The lines of which one starts the training, in its folder. */
export function launchLines({ options: { precision } }: TrainingRunInfo): readonly string[] {
  const given = precision === "float32" ? "" : ` --precision ${precision}`;
  const run = `${ELSEWHERE.trainer}/train.py job${given}`;
  return [`python ${run}`, `torchrun --standalone --nproc-per-node gpu ${run}`, `sbatch ${ELSEWHERE.slurm}`];
}

/**
 * Puts beside a prepared job all that another machine needs: the torch engine, a script for Slurm, and how to start; and
 * what the training is, for whoever imports it.
 * @param script absolute path of `train.py`
 * @throws FileError
 */
export async function writeElsewhere(
  folder: string,
  script: string,
  batch: number,
  run: TrainingRunInfo,
): Promise<void> {
  await fs.cp(dirname(script), join(folder, ELSEWHERE.trainer), {
    recursive: true,
    filter: (path) => !/(^|[\\/])(tests|__pycache__|\.mypy_cache)$/.test(path),
  });
  const lines = launchLines(run);
  const { elsewhere: _elsewhere, ...told } = run;
  const files = [
    [ELSEWHERE.slurm, slurm(lines[0]!)],
    [ELSEWHERE.readme, readme(lines, batch)],
    [RUN_FILES.info, JSON.stringify(told, null, 2)],
  ] as const;
  for (const [name, text] of files) await writeFileAtomically(join(folder, name), new TextEncoder().encode(text));
}

function slurm(line: string): string {
  return `#!/bin/bash
# One task per GPU. Whole nodes: set --nodes and --ntasks-per-node; every task is a rank.
#SBATCH --job-name=lookalike
#SBATCH --nodes=1
#SBATCH --ntasks-per-node=1
#SBATCH --gpus-per-task=1
#SBATCH --cpus-per-task=8
#SBATCH --time=12:00:00
# Two minutes before the time is over the ranks are told, and leave a checkpoint; the job is queued again and goes on.
#SBATCH --signal=TERM@120
#SBATCH --requeue
export MASTER_ADDR=$(scontrol show hostnames "$SLURM_JOB_NODELIST" | head -n 1)
export MASTER_PORT=$((20000 + SLURM_JOB_ID % 20000))
srun ${line}
code=$?
# 75: ended with a checkpoint.
if [ "$code" -eq 75 ]; then scontrol requeue "$SLURM_JOB_ID"; fi
exit "$code"
`;
}

function readme(lines: readonly string[], batch: number): string {
  return `# A training of Lookalike, to be run where there are GPUs

Copy this folder to a machine with Python 3.9 or newer and torch 1.13 or newer (nothing else is needed), and start it there,
in this folder, by one of:

    ${lines.join("\n    ")}

The first one starts a rank per GPU by itself. A batch has ${batch} images, which the ranks share evenly. What is interrupted
goes on from \`job/checkpoint.safetensors\` when it is started again, with any number of ranks.

When it has ended, bring \`job/result.safetensors\` back to the same place in the folder that this is a copy of, and import it:
by **Lookalike: Import Trained Weights...** in VS Code, or

    lookalike train <images> --out <model.onnx> --import <this folder>
`;
}
