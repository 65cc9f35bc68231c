export { ablationRun } from "./ablation/ablationRun.ts";
export { planAblation, runAblation } from "./ablation/runAblation.ts";
export { ablationMarkdown, writeTables } from "./ablation/tableFiles.ts";
export { EvaluationError } from "./errors.ts";
export { evaluateFolder } from "./evaluateFolder.ts";
export type { EvaluateOptions } from "./options.ts";
export { evaluationHtml } from "./reportFile.ts";
