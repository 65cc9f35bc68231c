import * as v from "valibot";
import { TRAINING_ACTIONS, type TrainingPageRequests } from "../../shared/index.ts";
import { AblationSchema, CHOICES, OptionsSchema } from "./runFiles.ts";

const path = v.pipe(v.string(), v.minLength(1), v.maxLength(4096));

/** What the page may send, by request. The page draws untrusted names, so nothing it says is taken on trust. */
export const TRAINING_PARAMS = {
  ready: v.strictObject({}),
  changeAblation: v.strictObject({ axes: AblationSchema }),
  change: v.strictObject({ choices: v.strictObject(eachOptional(CHOICES)) }),
  thumbnail: v.strictObject({ path, size: v.pipe(v.number(), v.integer(), v.minValue(16), v.maxValue(1024)) }),
  open: v.strictObject({ path }),
  action: v.strictObject({ action: v.picklist(TRAINING_ACTIONS) }),
} satisfies { [K in keyof TrainingPageRequests]: v.GenericSchema<unknown, TrainingPageRequests[K]["params"]> };

/** What the panel keeps of itself over a reload of the window. */
export const SavedTrainingSchema = v.object({
  root: path,
  options: OptionsSchema,
  run: v.nullable(path),
  ablation: v.optional(v.nullable(AblationSchema), null),
  made: v.exactOptional(v.object({ installed: path, usedBefore: v.nullable(path) })),
});

type Optional<Entries extends v.ObjectEntries> = {
  [K in keyof Entries]: v.ExactOptionalSchema<Entries[K] & v.GenericSchema, undefined>;
};

/** Entries of an object that may be absent, but not undefined. */
function eachOptional<const Entries extends Record<string, v.GenericSchema>>(entries: Entries): Optional<Entries> {
  const optional = Object.entries(entries).map(([name, schema]) => [name, v.exactOptional(schema)]);
  return Object.fromEntries(optional) as Optional<Entries>;
}
