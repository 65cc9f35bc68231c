import { SingleBar } from "cli-progress";
import type { EvaluationProgress } from "../../shared/index.ts";

const WORK: Readonly<Record<EvaluationProgress["step"], string>> = {
  embedding: "Embedding",
  copies: "Looking for copies",
  ranking: "Ranking",
};

/** On stderr, where that is a terminal. */
export function evaluationProgress(): { show(progress: EvaluationProgress): void; end(): void } {
  if (!process.stderr.isTTY) return { show() {}, end() {} };
  const bar = new SingleBar({ format: "{work} {bar} {value}/{total}", hideCursor: true, stream: process.stderr });
  let shown: string | undefined;
  const end = () => {
    if (shown !== undefined) bar.stop();
    shown = undefined;
  };
  return {
    show({ step, model, done, total }) {
      if (total === 0) return;
      const work = model === undefined ? WORK[step] : `${WORK[step]} (${model})`;
      if (shown === work) return bar.update(done, { work });
      end();
      bar.start(total, done, { work });
      shown = work;
    },
    end,
  };
}
