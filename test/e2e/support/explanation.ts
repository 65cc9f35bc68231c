import type { ExplainResult } from "../../../src/shared/index.ts";
import { BRANCHES } from "./similarState.ts";

/** Each position of one image matches the one that is mirrored in the other. */
export function explanation(): ExplainResult {
  const [width, height] = [4, 3];
  const mirrored = Uint16Array.from({ length: width * height }, (_, i) => width * height - 1 - i);
  const side = { width, height, map: Float32Array.from({ length: 12 }, (_, i) => (i - 2) / 100), constant: 0.1 };
  const branches = BRANCHES.map((name) => {
    const matches = { toResult: mirrored, toQuery: mirrored };
    return { name, score: 0.52, exact: name !== "gem", query: side, result: side, matches };
  });
  return { branches, unexplained: [], problem: null };
}
