import * as v from "valibot";
import type { PageRequests, SavedHistory, SavedQuery } from "../../shared/index.ts";
import { PANEL_ACTIONS } from "../pages/actionMessages.ts";
import { labelSource } from "../pages/tableMessages.ts";
import { KEPT } from "./panelHistory.ts";

const path = v.pipe(v.string(), v.minLength(1), v.maxLength(4096));
const sign = v.picklist([1, -1]);
const fraction = v.pipe(v.number(), v.minValue(0), v.maxValue(1));

/** Sums may miss 1 by rounding. */
const ROUNDING = 1e-6;
const box = v.pipe(
  v.strictObject({ x: fraction, y: fraction, width: fraction, height: fraction }),
  v.check(
    ({ x, y, width, height }) => width > 0 && height > 0 && x + width <= 1 + ROUNDING && y + height <= 1 + ROUNDING,
  ),
);
const weights = v.pipe(
  v.record(v.pipe(v.string(), v.maxLength(100)), v.pipe(v.number(), v.minValue(0), v.maxValue(1000))),
  v.check((given) => Object.keys(given).length <= 16),
);
const filter = v.strictObject({
  folder: v.exactOptional(v.pipe(v.string(), v.maxLength(4096))),
  minScore: v.exactOptional(v.union([v.pipe(v.number(), v.minValue(-1), v.maxValue(1)), v.literal("auto")])),
  kinds: v.exactOptional(v.literal(true)),
  labels: v.exactOptional(v.pipe(v.array(v.pipe(v.string(), v.maxLength(4096))), v.maxLength(10_000))),
});
/** How much a part of the query counts beside the others. */
const partWeight = v.exactOptional(v.pipe(v.number(), v.gtValue(0), v.maxValue(1000)));
/** An empty one says nothing, and the tower cuts a long one. */
const texts = v.pipe(
  v.array(
    v.strictObject({
      text: v.pipe(
        v.string(),
        v.check((text) => text.trim() !== ""),
        v.maxLength(1000),
      ),
      sign,
      weight: partWeight,
    }),
  ),
  v.maxLength(20),
);
/** A query of nothing. */
const NOTHING = "neither images nor words";
/** More would be a slow query that nobody can look through. */
const MOST_EXAMPLES = 50;
const step = v.picklist([1, -1]);

/** Of a pasted image and of a saved picture. Bytes. */
export const MOST_BYTES = 32 * 1024 * 1024;

const bytes = v.pipe(
  v.instance(Uint8Array),
  v.check(({ length }) => length > 0 && length <= MOST_BYTES),
);

/** What the page may send, by request. The page draws untrusted names, so nothing it says is taken on trust. */
export const PAGE_PARAMS = {
  ready: v.strictObject({}),
  thumbnail: v.strictObject({ path, size: v.pipe(v.number(), v.integer(), v.minValue(16), v.maxValue(1024)) }),
  open: v.strictObject({ path, mode: v.picklist(["preview", "keep"]) }),
  action: v.strictObject({
    action: v.picklist([...PANEL_ACTIONS, "evaluate"]),
  }),
  more: v.strictObject({ k: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(5000)) }),
  query: v.pipe(
    v.strictObject({
      examples: v.pipe(
        v.array(v.strictObject({ path, sign, box: v.nullable(box), weight: partWeight })),
        v.maxLength(MOST_EXAMPLES),
      ),
      texts: v.exactOptional(texts),
      weights,
      filter,
      labels: labelSource,
      across: v.boolean(),
    }),
    v.check(({ examples, texts: words = [] }) => examples.length + words.length > 0, NOTHING),
  ),
  kindsGain: v.strictObject({}),
  pairs: v.strictObject({}),
  mark: v.strictObject({
    marks: v.pipe(v.array(v.strictObject({ query: path, image: path, belongs: v.boolean() })), v.maxLength(1000)),
  }),
  suggest: v.strictObject({ choice: v.picklist(["auto", "equal"]) }),
  explain: v.strictObject({ example: path, box: v.nullable(box), result: path }),
  copies: v.strictObject({}),
  chooseTable: v.strictObject({}),
  drop: v.strictObject({ uris: v.pipe(v.array(path), v.minLength(1), v.maxLength(MOST_EXAMPLES)), sign }),
  paste: v.strictObject({ bytes }),
  pick: v.strictObject({ sign }),
  save: v.strictObject({
    name: v.pipe(v.string(), v.regex(/^[^/\\]{1,200}\.(csv|json|png)$/)),
    content: v.union([v.pipe(v.string(), v.maxLength(MOST_BYTES)), bytes]),
  }),
  copy: v.strictObject({ text: v.pipe(v.string(), v.maxLength(MOST_BYTES)) }),
  history: v.strictObject({ step }),
  pin: v.strictObject({ pinned: v.boolean() }),
  saveQuery: v.strictObject({}),
} satisfies { [K in keyof PageRequests]: v.GenericSchema<unknown, PageRequests[K]["params"]> };

const example = v.object({ image: path, sign, box: v.exactOptional(box), weight: partWeight });

const visit = {
  folder: path,
  examples: v.pipe(v.array(example), v.maxLength(MOST_EXAMPLES)),
  texts: v.exactOptional(texts),
  weights,
  filter,
  // Not in what was kept before labels could come from a table.
  labels: v.optional(labelSource, null),
  // Not in what was kept before several folders could be searched.
  across: v.optional(v.boolean(), false),
};
const asksOfSomething = ({ examples, texts: words = [] }: Pick<SavedQuery, "examples" | "texts">) =>
  examples.length + words.length > 0;

/** What the panel keeps of itself over a reload of the window, and what a named query is. */
export const SavedQuerySchema = v.pipe(
  v.object({ ...visit, pinned: v.boolean() }),
  v.check((asked) => asksOfSomething(asked), NOTHING),
) satisfies v.GenericSchema<unknown, SavedQuery>;

/** The queries that a panel kept beside its own; not in what was kept before it did. */
export const SavedHistorySchema = v.object({
  history: v.pipe(
    v.object({
      visits: v.pipe(
        v.array(
          v.pipe(
            v.object(visit),
            v.check((asked) => asksOfSomething(asked), NOTHING),
          ),
        ),
        v.maxLength(KEPT),
      ),
      at: v.pipe(v.number(), v.integer(), v.minValue(0)),
    }),
    v.check(({ visits, at }) => at < visits.length),
  ),
}) satisfies v.GenericSchema<unknown, { readonly history: SavedHistory }>;
