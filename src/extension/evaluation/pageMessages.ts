import * as v from "valibot";
import {
  DATASETS,
  EVALUATION_PROTOCOLS,
  type EvaluationChoice,
  type EvaluationPageRequests,
  type SavedEvaluation,
} from "../../shared/index.ts";
import { PANEL_ACTIONS } from "../pages/actionMessages.ts";
import { labelSource } from "../pages/tableMessages.ts";

const path = v.pipe(v.string(), v.minLength(1), v.maxLength(4096));

/** Names of the models that are evaluated. */
export const EvaluatedModels = v.pipe(v.array(v.pipe(v.string(), v.maxLength(200))), v.maxLength(20));

const choice = {
  labels: labelSource,
  protocol: v.nullable(v.picklist(EVALUATION_PROTOCOLS)),
  dataset: v.nullable(v.picklist(DATASETS)),
  boxes: v.nullable(path),
  models: EvaluatedModels,
};
v.object(choice) satisfies v.GenericSchema<unknown, EvaluationChoice>;

/** What the page may send, by request. */
export const EVALUATION_PARAMS = {
  ready: v.strictObject({}),
  thumbnail: v.strictObject({ path, size: v.pipe(v.number(), v.integer(), v.minValue(16), v.maxValue(1024)) }),
  findSimilar: v.strictObject({ path }),
  open: v.strictObject({ path }),
  choose: v.strictObject(choice),
  chooseTable: v.strictObject({}),
  chooseBoxes: v.strictObject({}),
  save: v.strictObject({}),
  action: v.strictObject({
    action: v.picklist(PANEL_ACTIONS),
  }),
} satisfies { [K in keyof EvaluationPageRequests]: v.GenericSchema<unknown, EvaluationPageRequests[K]["params"]> };

/** What the panel keeps of itself over a reload of the window. */
export const SavedEvaluationSchema = v.object({
  folder: path,
  ...choice,
  // Panels of before have none.
  boxes: v.optional(choice.boxes, null),
}) satisfies v.GenericSchema<unknown, SavedEvaluation>;
