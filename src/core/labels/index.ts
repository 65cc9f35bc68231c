export { type Labels, LabelsError, readLabels } from "./readLabels.ts";
