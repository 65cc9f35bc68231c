import * as v from "valibot";
import { LARGEST_PICTURE, type PictureRequests } from "../../shared/index.ts";

/** What the page may send, by request. */
export const PICTURE_PARAMS = {
  ready: v.strictObject({}),
  thumbnail: v.strictObject({ size: v.pipe(v.number(), v.integer(), v.minValue(16), v.maxValue(LARGEST_PICTURE)) }),
} satisfies { [K in keyof PictureRequests]: v.GenericSchema<unknown, PictureRequests[K]["params"]> };
