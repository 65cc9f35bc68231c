import type { SimilarQuery, WordsAnswer } from "../../shared/index.ts";
import { cutOffRule, randomWordsOf } from "../model/text/index.ts";
import type { TextTower } from "../runtime/index.ts";
import type { FolderInUse } from "./folderInUse.ts";

/** Of what the model itself calls the probability that words and picture belong together. */
const LEAST_PROBABILITY = 0.01;

/**
 * Up to which score nothing is like the words: where the model defines a probability, below 1 % of it; else what random words
 * score with images of the folder. It is the same for all words.
 * @param branch the one whose space words share
 * @returns null where that cannot be said
 */
export async function cutOffOf(
  use: FolderInUse,
  { manifest }: TextTower,
  { texts = [], examples }: SimilarQuery,
  branch: number,
): Promise<WordsAnswer["cutOff"]> {
  // Of several parts the sum has other chances than words alone.
  if (examples.length > 0 || texts.length !== 1 || texts[0]!.sign < 0) return null;
  const by = cutOffRule(manifest);
  const { sigmoid } = manifest;
  if (sigmoid !== null) {
    const logit = Math.log(LEAST_PROBABILITY / (1 - LEAST_PROBABILITY));
    return { score: (logit - sigmoid.bias) / sigmoid.scale, by };
  }
  const score = await use.current.chanceOfWords(branch, () => randomWordsOf(manifest));
  return score === null ? null : { score, by };
}
