import * as v from "valibot";
import type { ProjectionsRequests } from "../../shared/index.ts";
import { columnChoice, neighbours as k } from "../pages/tableMessages.ts";

const name = v.pipe(v.string(), v.minLength(1), v.maxLength(300));
const path = v.pipe(v.string(), v.minLength(1), v.maxLength(4096));
const empty = v.strictObject({});

/** The ranges are told by core; here only the shape is held. */
const parameters = v.strictObject({
  neighbours: v.number(),
  minDist: v.number(),
  seed: v.number(),
  sample: v.nullable(v.number()),
  under: v.pipe(v.string(), v.maxLength(4096)),
  models: v.exactOptional(
    v.pipe(v.array(v.strictObject({ label: name, model: name, adapt: v.exactOptional(v.boolean()) })), v.length(2)),
  ),
});

/** What the page may send, by request. The page draws untrusted names, so nothing it says is taken on trust. */
export const PROJECTIONS_PARAMS = {
  ready: empty,
  thumbnail: v.strictObject({ path, size: v.pipe(v.number(), v.integer(), v.minValue(16), v.maxValue(1024)) }),
  neighbours: v.strictObject({ path, k }),
  open: v.strictObject({ path }),
  selection: v.strictObject({
    action: v.picklist(["findSimilar", "open", "reveal", "copyPaths", "export", "label"]),
    paths: v.pipe(v.array(path), v.minLength(1), v.maxLength(2_000_000)),
  }),
  run: v.strictObject({ parameters }),
  column: v.strictObject({ column: columnChoice }),
  colour: v.strictObject({ choice: v.nullable(columnChoice) }),
  tables: empty,
  chooseTable: empty,
  savePicture: v.strictObject({
    format: v.picklist(["png", "svg"]),
    bytes: v.pipe(v.instance(Uint8Array), v.maxLength(512 * 2 ** 20)),
  }),
  saveLayout: v.strictObject({ format: v.picklist(["csv", "parquet", "json"]) }),
  action: v.strictObject({
    action: v.picklist([
      "indexFolder",
      "wholeFolder",
      "manageTrust",
      "run",
      "retry",
      "showLog",
      "stop",
      "enterPassword",
    ]),
  }),
} satisfies { [K in keyof ProjectionsRequests]: v.GenericSchema<unknown, ProjectionsRequests[K]["params"]> };

/** What the panel keeps of itself over a reload of the window; an older version kept no parameters. */
export const SavedProjectionsSchema = v.object({
  folder: path,
  under: v.pipe(v.string(), v.maxLength(4096)),
  parameters: v.optional(parameters),
});
