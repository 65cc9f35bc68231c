import * as v from "valibot";
import type { ReviewRequests, SavedReview } from "../../shared/index.ts";
import { PANEL_ACTIONS } from "../pages/actionMessages.ts";
import { labelSource } from "../pages/tableMessages.ts";

const path = v.pipe(v.string(), v.minLength(1), v.maxLength(4096));

const paths = v.pipe(v.array(path), v.minLength(1), v.maxLength(100_000));

/** What the page may send, by request. */
export const REVIEW_PARAMS = {
  ready: v.strictObject({}),
  thumbnail: v.strictObject({ path, size: v.pipe(v.number(), v.integer(), v.minValue(16), v.maxValue(1024)) }),
  open: v.strictObject({ path }),
  reveal: v.strictObject({ path }),
  findSimilar: v.strictObject({ path }),
  trash: v.strictObject({ paths }),
  putAway: v.strictObject({ paths }),
  saveList: v.strictObject({ paths }),
  labels: v.strictObject({ from: labelSource }),
  chooseTable: v.strictObject({}),
  action: v.strictObject({
    action: v.picklist(PANEL_ACTIONS),
  }),
} satisfies { [K in keyof ReviewRequests]: v.GenericSchema<unknown, ReviewRequests[K]["params"]> };

/** What the panel keeps of itself over a reload of the window. */
export const SavedReviewSchema = v.object({
  kind: v.picklist(["duplicates", "labels"]),
  folder: path,
  under: v.pipe(v.string(), v.maxLength(4096)),
  // Not in what was kept before labels could come from a table.
  labels: v.optional(labelSource, null),
}) satisfies v.GenericSchema<unknown, SavedReview>;
