import { type Attribution, type Box, type ExplainResult, visible } from "../shared/index.ts";
import { type IndexPlaceOptions, withFolderIndex } from "./tools.ts";

interface ExplainOptions extends IndexPlaceOptions {
  readonly in: string;
  readonly box?: Box;
  readonly out?: string;
  readonly json?: boolean;
}

/** `lookalike explain`: which regions of two images make their score. The folder says which model; it may be empty. */
export function explainCommand(query: string, result: string, options: ExplainOptions): Promise<void> {
  return withFolderIndex(options.in, options, async (index, core) => {
    const asked = { query, result, ...(options.box === undefined ? {} : { box: options.box }) };
    const explanation = await index.explain(asked);
    if (explanation.problem !== null) throw new Error(explanation.problem);
    if (options.out !== undefined)
      await core.writeFileAtomically(options.out, await core.drawExplanation(asked, explanation));
    console.log(
      options.json ? JSON.stringify(summary(explanation), null, 2) : describe(visible(explanation), options.out),
    );
  });
}

/** By descriptor: its cosine, and what the query's map and the head's constant add up to; `result` is the other way. */
function summary({ branches, unexplained }: ExplainResult) {
  return {
    descriptors: Object.fromEntries(
      branches.map(({ name, score, exact, query, result }) => [
        name,
        { score, ...sumOf(query), exact, result: sumOf(result) },
      ]),
    ),
    unexplained,
  };
}

function sumOf({ map, constant }: Attribution): { readonly constant: number; readonly sum: number } {
  return { constant, sum: map.reduce((sum, part) => sum + part, constant) };
}

function describe({ branches, unexplained }: ExplainResult, out: string | undefined): string {
  const number = (value: number) => value.toFixed(4).padStart(9);
  return [
    "    score  constant      maps  descriptor",
    ...branches.map(({ name, score, exact, query }) => {
      const { constant, sum } = sumOf(query);
      return `${number(score)} ${number(constant)} ${number(sum - constant)}  ${name}${exact ? "" : " (by shares)"}`;
    }),
    "",
    "A score is the constant of the head plus what the positions of the query's feature map give.",
    ...unexplained.map(({ name, reason }) => `${name} has no map: ${reason}`),
    ...(out === undefined
      ? []
      : [`The maps are drawn in ${out}: the brighter, the more; striped parts count against.`]),
  ].join("\n");
}
