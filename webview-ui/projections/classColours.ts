import { contacts } from "./contacts.ts";

/** Classes that get a colour of their own or share one with a class far away; of more, the less frequent are grey. */
export const COLOURED = 120;
/** Every class may choose anew so often: others have chosen since. */
const ROUNDS = 8;

/**
 * Gives classes colours so that those that lie side by side in a map never share one while there are colours enough.
 * @param codes int32 `[count]`: class of each point, the most frequent class is 0
 * @param classes that get a colour
 * @param colours that there are
 * @param points float32 `[count, 2]` of the map; while there is none, colours repeat in the order of the classes
 * @returns uint8 `[classes]`: a colour each; the first ones in their order where all classes have their own
 */
export function classColours(
  codes: Int32Array,
  classes: number,
  colours: number,
  points: Float32Array | undefined,
): Uint8Array {
  const result = Uint8Array.from({ length: classes }, (_, code) => code % colours);
  if (classes <= colours || points === undefined || points.length !== 2 * codes.length) return result;
  const beside = contacts(codes, classes, points);
  const crowded = (code: number) =>
    beside.subarray(code * classes, (code + 1) * classes).reduce((sum, x) => sum + x, 0);
  const sums = Float64Array.from(result, (_, code) => crowded(code));
  // Those with the most beside them choose first.
  const order = [...result.keys()].sort((a, b) => sums[b]! - sums[a]! || a - b);
  const chosen = new Int16Array(classes).fill(-1);
  for (let round = 0; round < ROUNDS; round++) {
    let changed = false;
    for (const code of order) {
      const before = chosen[code]!;
      chosen[code] = best(code, chosen, beside, colours);
      changed ||= chosen[code] !== before;
    }
    if (!changed) break;
  }
  return Uint8Array.from(chosen);
}

/** The colour whose classes are the least beside a class; of equal ones the one it has, then the first. */
function best(code: number, chosen: Int16Array, beside: Float64Array, colours: number): number {
  const costs = new Float64Array(colours);
  for (const [other, colour] of chosen.entries()) {
    if (other !== code && colour >= 0) costs[colour]! += beside[code * chosen.length + other]!;
  }
  let at = Math.max(0, chosen[code]!);
  for (let colour = 0; colour < colours; colour++) if (costs[colour]! < costs[at]! - 1e-9) at = colour;
  return at;
}
