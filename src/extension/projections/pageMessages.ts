import * as v from "valibot";
import type { ProjectionsRequests } from "../../shared/index.ts";

const path = v.pipe(v.string(), v.minLength(1), v.maxLength(4096));

/** What the page may send, by request. The page draws untrusted names, so nothing it says is taken on trust. */
export const PROJECTIONS_PARAMS = {
  ready: v.strictObject({}),
  thumbnail: v.strictObject({ path, size: v.pipe(v.number(), v.integer(), v.minValue(16), v.maxValue(1024)) }),
  neighbours: v.strictObject({ path, k: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(200)) }),
  open: v.strictObject({ path }),
  findSimilar: v.strictObject({ path }),
  action: v.strictObject({
    action: v.picklist(["indexFolder", "manageTrust", "run", "retry", "showLog", "stop"]),
  }),
} satisfies { [K in keyof ProjectionsRequests]: v.GenericSchema<unknown, ProjectionsRequests[K]["params"]> };

/** What the panel keeps of itself over a reload of the window. */
export const SavedProjectionsSchema = v.object({ folder: path, under: v.pipe(v.string(), v.maxLength(4096)) });
