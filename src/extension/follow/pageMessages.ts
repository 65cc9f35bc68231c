import * as v from "valibot";
import type { FollowRequests } from "../../shared/index.ts";

const path = v.pipe(v.string(), v.minLength(1), v.maxLength(4096));

/** What the page may send, by request. */
export const FOLLOW_PARAMS = {
  ready: v.strictObject({}),
  thumbnail: v.strictObject({ path, size: v.pipe(v.number(), v.integer(), v.minValue(16), v.maxValue(1024)) }),
  open: v.strictObject({ path, mode: v.picklist(["preview", "keep"]) }),
  findSimilar: v.strictObject({ path }),
  indexFolder: v.strictObject({}),
} satisfies { [K in keyof FollowRequests]: v.GenericSchema<unknown, FollowRequests[K]["params"]> };
