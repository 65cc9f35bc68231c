import { COMBINED, judgeFigure, type Recalls, type RunProgress, wilson } from "../../src/shared/index.ts";
import { t } from "../strings.ts";
import { percent } from "./numbers.ts";

/** What a run is held against: what the folder is searched with, else the model that it started from. */
export function referenceOf({ inUse, baseline }: RunProgress): Recalls | null {
  return inUse !== undefined && "recalls" in inUse ? inUse.recalls : baseline;
}

/** What the latest model finds: at the end the one that was kept, before it the one of the last evaluation. */
export function reached({ result, evaluations }: RunProgress): Recalls | undefined {
  return result?.trained ?? evaluations.at(-1)?.recalls;
}

/** The model in use is another one than the training started from. */
export function isAnother({ inUse, baseline }: RunProgress): boolean {
  return inUse !== undefined && "recalls" in inUse && JSON.stringify(inUse.recalls) !== JSON.stringify(baseline);
}

/** Whether there is anything to tell by a figure of this run. Of earlier versions' runs it is not known. */
export function hasFigures({ basis }: RunProgress): boolean {
  if (basis === undefined) return true;
  const verdict = judgeFigure(basis);
  return verdict === "enough" || verdict === "tooFewToTell";
}

/** A recall with its 95 % interval. */
export function withInterval(recall: number, { basis }: RunProgress): { share: string; interval: string } {
  const share = percent(recall);
  if (basis === undefined || basis.queries === 0) return { share, interval: "" };
  const [low, high] = wilson(recall, basis.queries).map((bound) => (100 * bound).toFixed(0));
  return { share, interval: t("{0} to {1}", low!, high!) };
}

/** Points with a sign; 0.0 has none. */
export function points(difference: number): string {
  const rounded = (100 * difference).toFixed(1);
  if (Number(rounded) === 0) return "0.0";
  return rounded.startsWith("-") ? rounded.replace("-", "−") : `+${rounded}`;
}

/** What to think of the figures: how much they can tell, what they are against, and what brought the gain. */
export function findings(run: RunProgress, root: string): string[] {
  return [basisText(run), ...comparisonTexts(run, root), ...gainTexts(run)].filter((text) => text !== "");
}

/** How much the figures can tell. */
function basisText({ basis }: RunProgress): string {
  if (basis === undefined) return "";
  const { queries, classes } = basis;
  const measured = t("Measured by {0} queries of {1} classes; 95 % intervals.", queries.toLocaleString(), classes);
  switch (judgeFigure(basis)) {
    case "oneClass":
      return t("No figure: the held-out images are of one class, so every answer would be right.");
    case "fewQueries":
      return t("No figure: only {0} held-out images have another one of their class to find.", queries);
    case "tooFewToTell":
      return `${measured} ${t("Too few to tell: differences of several points are chance.")}`;
    case "enough":
      return measured;
  }
}

function comparisonTexts(run: RunProgress, root: string): string[] {
  const { inUse, basis } = run;
  if (basis === undefined) return [];
  if (inUse === undefined) {
    return [t("Not compared with the model that {0} is searched with: it could not be opened.", root)];
  }
  if ("problem" in inUse) {
    return [t("Not compared with {0}, which {1} is searched with: {2}", inUse.name, root, inUse.problem)];
  }
  return [t("Points are against {0}, which {1} is searched with now.", inUse.name, root)];
}

/** Whether the start or the steps brought the gain. */
function gainTexts(run: RunProgress): string[] {
  const { evaluations, losses } = run;
  const texts: string[] = [];
  const [before, now] = [referenceOf(run)?.[COMBINED]?.["recall@1"], reached(run)?.[COMBINED]?.["recall@1"]];
  const start = evaluations.find(({ epoch }) => epoch === 0)?.recalls[COMBINED]?.["recall@1"];
  const known = before != null && now != null && start != null;
  if (known && evaluations.length > 1 && hasFigures(run)) {
    texts.push(
      t(
        "Of {0} points, {1} were there before the first step, when the heads were fitted to the classes; the steps brought {2}.",
        points(now - before),
        points(start - before),
        points(now - start),
      ),
    );
  }
  if (losses.length > 0 && losses.every(({ rankingLoss }) => rankingLoss < 1e-6)) {
    texts.push(
      t(
        "The ranking loss was 0 from the first step: every image lay nearer to its class than the margin asks, so nothing was learned from it.",
      ),
    );
  }
  return texts;
}
