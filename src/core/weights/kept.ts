import * as v from "valibot";
import { EQUAL_REASONS, type Mark, type SuggestedWeights, WEIGHT_SOURCES } from "../../shared/index.ts";

const share = v.pipe(v.number(), v.finite(), v.minValue(0));
const count = v.pipe(v.number(), v.integer(), v.minValue(0));

const KeptSchema = v.object({
  weights: v.record(v.string(), share),
  from: v.picklist(WEIGHT_SOURCES),
  reason: v.exactOptional(v.picklist(EQUAL_REASONS)),
  gain: v.exactOptional(
    v.object({
      mean: v.pipe(v.number(), v.finite()),
      error: share,
      chosenOn: count,
      measuredOn: count,
      over: v.exactOptional(v.literal("marks")),
    }),
  ),
  images: count,
});

const MarksSchema = v.array(v.object({ query: v.string(), image: v.string(), belongs: v.boolean() }));

/** Reads the marks that an index holds; what cannot be read is as good as none. */
export function readMarks(text: string | null): readonly Mark[] {
  try {
    const parsed = v.safeParse(MarksSchema, JSON.parse(text ?? "[]"));
    return parsed.success ? parsed.output : [];
  } catch {
    return [];
  }
}

/**
 * Reads the weights that an index holds.
 * @param text as it was kept; null where nothing was
 * @returns null too where it is not of this model, or cannot be read: as good as none
 */
export function readWeights(text: string | null, branches: readonly string[]): SuggestedWeights | null {
  if (text === null) return null;
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return null;
  }
  const parsed = v.safeParse(KeptSchema, json);
  if (!parsed.success) return null;
  const { weights } = parsed.output;
  const fits = branches.every((name) => Object.hasOwn(weights, name)) && branches.some((name) => weights[name]! > 0);
  return fits && Object.keys(weights).length === branches.length ? parsed.output : null;
}
