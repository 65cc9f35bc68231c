export { drawExplanation } from "./drawExplanation.ts";
export { Explainer } from "./explainer.ts";
