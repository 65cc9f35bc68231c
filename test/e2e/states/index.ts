/**
 * Every page in every state that it has. What is listed here is looked at in all themes and widths (`looks.test.ts`), and a page
 * that is not listed at all fails there.
 */
import { EVALUATION_STATES } from "./evaluationStates.ts";
import type { PageStates } from "./pageState.ts";
import { PROJECTIONS_STATES } from "./projectionsStates.ts";
import { REVIEW_STATES } from "./reviewStates.ts";
import { SIMILAR_STATES } from "./similarStates.ts";
import { FOLLOW_STATES, PICTURE_STATES } from "./smallStates.ts";
import { TRAINING_STATES } from "./trainingStates.ts";

/** By name of the page, as it is built. */
export const PAGES: Readonly<Record<string, PageStates>> = {
  similar: SIMILAR_STATES,
  projections: PROJECTIONS_STATES,
  training: TRAINING_STATES,
  review: REVIEW_STATES,
  evaluation: EVALUATION_STATES,
  follow: FOLLOW_STATES,
  picture: PICTURE_STATES,
};
