import { type Box, branchShares, fullWeights, type SimilarQuery } from "../../shared/index.ts";
import { QueryError } from "./errors.ts";

/** Fractions that come from dragging a rectangle leave 0..1 by rounding alone. */
const ROUNDING = 1e-6;

/** The weights of a query, checked. */
export interface CheckedWeights {
  /** By branch name, of all branches. */
  readonly weights: Readonly<Record<string, number>>;
  /** In the branches' order; they add up to 1. */
  readonly shares: readonly number[];
}

/**
 * Checks what was asked before any work is done.
 * @param branches names, in the model's order
 * @throws QueryError that says what to ask instead
 */
export function checkQuery(
  { examples, texts = [], prompts, weights = {}, k }: SimilarQuery,
  branches: readonly string[],
): CheckedWeights {
  if (examples.length + texts.length === 0) throw new QueryError("A query needs at least one example image, or words.");
  for (const { weight = 1 } of [...examples, ...texts]) {
    if (!(weight > 0 && Number.isFinite(weight)))
      throw new QueryError(`A part of a query must count more than 0, not ${weight}. Leave it out instead.`);
  }
  if (texts.length > 0 && prompts !== undefined) checkPrompts(prompts);
  if (!Number.isInteger(k) || k < 1) throw new QueryError(`The length of the lists must be 1 or more, not ${k}.`);
  for (const { box } of examples) if (box !== undefined) checkBox(box);
  const unknown = Object.keys(weights).find((name) => !branches.includes(name));
  if (unknown !== undefined) {
    throw new QueryError(`The model has no branch "${unknown}" to weigh. It has: ${branches.join(", ")}.`);
  }
  try {
    const shares = branchShares(branches, weights);
    return { weights: fullWeights(branches, weights), shares: branches.map((name) => shares[name]!) };
  } catch (error) {
    if (error instanceof RangeError) throw new QueryError(error.message, { cause: error });
    throw error;
  }
}

function checkPrompts(prompts: readonly string[]): void {
  if (prompts.length === 0) throw new QueryError("Words need at least one sentence around them; {} alone will do.");
  const without = prompts.find((prompt) => !prompt.includes("{}"));
  if (without !== undefined) throw new QueryError(`The sentence "${without}" has no {} for the words.`);
}

/** @throws QueryError where a box is not inside its image, or has no size */
export function checkBox({ x, y, width, height }: Box): void {
  const inside = (start: number, size: number) => start >= -ROUNDING && size > 0 && start + size <= 1 + ROUNDING;
  if (inside(x, width) && inside(y, height)) return;
  throw new QueryError(
    `The box ${[x, y, width, height].join(",")} is not inside the image. Give x, y, width and height as fractions of ` +
      "the image, each from 0 to 1, and a width and height above 0.",
  );
}
