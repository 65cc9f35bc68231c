import type { TrainingPageState } from "../../shared/index.ts";
import type { ShownState } from "../pages/shownState.ts";
import type { RunView } from "./runWatch.ts";
import type { TrainingHost } from "./trainingHost.ts";

/** Says what a run has come to, where that needs a word. @param ended why it was interrupted */
export function noteStage(
  state: ShownState<TrainingPageState>,
  texts: TrainingHost["texts"],
  stage: RunView["stage"],
  { ablation, elsewhere, failure, result }: RunView["progress"],
  ended: RunView["ended"],
): void {
  if (stage === "failed") state.say("error", failure ?? "", ["showLog"]);
  else if (stage === "waiting") state.say("info", texts.waiting(elsewhere?.folder ?? ""), ["showElsewhere"]);
  else if (stage === "interrupted" && ablation !== null) {
    state.say("info", texts.interruptedAfter(ablation.done, ablation.of), ["showLog"]);
  } else if (stage === "interrupted") state.say("error", texts.interrupted(ended), ["showLog"]);
  else if (stage === "done" && result?.improved === false) state.say("info", texts.notBetter, []);
  else if (stage === "done" && result?.stopped === true) state.say("info", texts.stopped, []);
  else state.set({ notice: null });
}
