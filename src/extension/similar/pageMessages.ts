import * as v from "valibot";
import type { PageRequests } from "../../shared/index.ts";

const path = v.pipe(v.string(), v.minLength(1), v.maxLength(4096));

/** What the page may send, by request. The page draws untrusted names, so nothing it says is taken on trust. */
export const PAGE_PARAMS = {
  ready: v.strictObject({}),
  thumbnail: v.strictObject({ path, size: v.pipe(v.number(), v.integer(), v.minValue(16), v.maxValue(1024)) }),
  open: v.strictObject({ path, mode: v.picklist(["preview", "keep"]) }),
  action: v.strictObject({
    action: v.picklist(["indexFolder", "showLog", "retry", "cancelIndexing", "endComparison"]),
  }),
  more: v.strictObject({ k: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(5000)) }),
} satisfies { [K in keyof PageRequests]: v.GenericSchema<unknown, PageRequests[K]["params"]> };

/** What the panel keeps of itself over a reload of the window. */
export const SavedPanelSchema = v.object({ folder: path, image: path });
