import { resolve } from "node:path";
import type * as Core from "../core/index.ts";
import {
  COMBINED,
  cosineText,
  cutOffFor,
  type FolderAnswer,
  labelsNamed,
  mergeAnswers,
  printable,
  type QueryExample,
  type SimilarQuery,
  type SimilarResult,
  visible,
} from "../shared/index.ts";
import { kindsGainText } from "./kindsGainText.ts";
import { labelsFrom } from "./labelOptions.ts";
import { notIndexed } from "./notIndexed.ts";
import type { QueryOptions } from "./queryOptions.ts";
import { type IndexPlaceOptions, withFolderIndex } from "./tools.ts";
import { weightsFrom } from "./weighing.ts";
import { cutOffLines, cutOffText, modelsForWords, wordsLines } from "./wordsText.ts";

interface SimilarOptions extends IndexPlaceOptions, QueryOptions {
  readonly in: readonly string[];
  readonly k: number;
  readonly json?: boolean;
}

/** `lookalike similar`: searches what is indexed; it never starts indexing by itself. */
export async function similarCommand(images: readonly string[], options: SimilarOptions): Promise<void> {
  const answers: FolderAnswer[] = [];
  for (const folder of new Set(options.in.map((path) => resolve(path)))) {
    answers.push({ folder, result: await ask(folder, images, options) });
  }
  const [first] = answers;
  const across = answers.length > 1 ? mergeAnswers(answers, options.k) : undefined;
  if (options.json) console.log(JSON.stringify(across ?? first!.result, null, 2));
  else {
    const columns = across?.descriptors ?? first!.result.model.descriptors;
    console.log(
      table(
        describe(first!.result),
        columns,
        across ?? first!.result,
        across === undefined ? first!.result.chance : null,
        first!.result.kinds,
        cutOffText(first!.result),
      ),
    );
    if (options.keepKinds === true && (across !== undefined || !first!.result.kinds)) {
      console.error(
        "Images of one kind are put together in one folder at a time, and in an index that fits into memory only.",
      );
    }
    if (options.minScore === "auto" && answers.some(({ result }) => result.chance === null)) {
      console.error(
        "No list is cut where it cannot be told which scores are chance: with fewer than 16 images, images that are all alike, " +
          "several examples, or an index past memory.",
      );
    }
    for (const line of wordsLines(first!.result)) console.error(visible(line));
    for (const line of across === undefined ? [] : cutOffLines(across)) console.error(visible(line));
    if (across?.order === "rank") {
      console.error(
        "Each folder has a model or weights of its own, so scores of two folders do not compare: best of each first.",
      );
    }
  }
}

function ask(folder: string, images: readonly string[], options: SimilarOptions): Promise<SimilarResult> {
  return withFolderIndex(folder, options, async (index, core) => {
    const { indexed } = await index.status();
    if (indexed === 0) throw notIndexed(index, folder, options);
    const accepts = await acceptsOf(index, core, options);
    const weights = await weightsFrom(options.weights, options, index, core, (line) =>
      console.error(visible(`${index.folder}: ${line}`)),
    );
    const query = { ...queryOf(images, options), ...(weights === undefined ? {} : { weights }) };
    try {
      const result = await index.similar(query, accepts);
      if (result.kinds && options.in.length === 1) {
        const { byPath } = await labelsFrom(options, index, core);
        console.error(visible(kindsGainText(await index.measureKinds(byPath))));
      }
      return result;
    } catch (error) {
      if (!(error instanceof core.NoTextTowerError)) throw error;
      throw new Error(`${error.message}\n${await modelsForWords(core)}`, { cause: error });
    }
  });
}

/** Tells the images whose label was asked for; undefined where any may be found. */
async function acceptsOf(
  index: Core.FolderIndex,
  core: typeof Core,
  options: SimilarOptions,
): Promise<((path: string) => boolean) | undefined> {
  const used = options.label !== undefined || options.weights === "names" || options.keepKinds === true;
  if (!used && options.labels !== undefined) {
    throw new Error(
      "--labels says where labels come from: give --label <label> as well, --weights names or --keep-kinds.",
    );
  }
  const { byPath, warnings, file } = await labelsFrom(options, index, core);
  if (options.label === undefined) return undefined;
  for (const warning of warnings) console.error(visible(warning));
  const known = [...new Set([...byPath.values()].flat())];
  // A folder may be named by its last part; what a table says is taken as it stands.
  const { labels, unknown, ambiguous } =
    file === null
      ? labelsNamed(options.label, known)
      : {
          labels: new Set(options.label),
          unknown: options.label.filter((label) => label !== "" && !known.includes(label)),
          ambiguous: [],
        };
  if (unknown.length > 0) console.error(`No image has the label ${unknown.map(printable).join(", ")}.`);
  if (ambiguous.length > 0) {
    console.error(
      `Several folders end with ${ambiguous.map(printable).join(", ")}: give the whole path of one, such as ${printable(known.find((label) => label.endsWith(`/${ambiguous[0]}`)) ?? "")}.`,
    );
  }
  return (path) => byPath.get(path)?.some((label) => labels.has(label)) ?? labels.has("");
}

function queryOf(images: readonly string[], options: SimilarOptions): SimilarQuery {
  const { not = [], box, under, minScore, k, text, prompt, imageWeights = [] } = options;
  const signed = [
    ...images.map((image, i): QueryExample => ({ image, sign: 1, ...(box === undefined || i > 0 ? {} : { box }) })),
    ...not.map((image): QueryExample => ({ image, sign: -1 })),
  ];
  if (imageWeights.length > signed.length) {
    throw new Error(`--image-weights has ${imageWeights.length} numbers for ${signed.length} images.`);
  }
  if (prompt !== undefined && text === undefined) throw new Error("--prompt is a sentence around words: give --text.");
  const examples = signed.map((example, i) => {
    const weight = imageWeights[i];
    return weight === undefined ? example : { ...example, weight };
  });
  const only = {
    ...(under === undefined ? {} : { folder: under }),
    ...(minScore === undefined ? {} : { minScore }),
    ...(options.keepKinds === true ? { kinds: true as const } : {}),
  };
  return {
    examples,
    k,
    only,
    ...(text === undefined ? {} : { texts: text }),
    ...(prompt === undefined ? {} : { prompts: prompt }),
  };
}

/** The combined list with the score of each branch, so that one sees which descriptor carries a match. */
function table(
  query: string,
  descriptors: readonly string[],
  { results, scores, words }: Pick<SimilarResult, "results" | "scores" | "words">,
  chance: SimilarResult["chance"],
  kinds: boolean,
  cutOff?: string,
): string {
  const columns = [COMBINED, ...descriptors];
  const header = ["rank", ...columns, "path"];
  // Of several folders each has a limit of its own, so that none can be drawn between rows.
  const byChance = (path: string, score: number) =>
    words?.cutOffs !== undefined && score <= (cutOffFor(words.cutOffs, path)?.score ?? -Infinity);
  const rows = (results[COMBINED] ?? []).map(({ rank, path, score, from }) => [
    String(rank),
    ...columns.map((column) => scores[path]?.[column]).map((value) => (value === undefined ? "" : cosineText(value))),
    `${visible(path)}${from === undefined ? "" : ` (from ${from})`}${byChance(path, score) ? " (by chance)" : ""}`,
  ]);
  const widths = header.map((_, c) => Math.max(...[header, ...rows].map((row) => row[c]!.length)));
  const line = (row: readonly string[]) =>
    row
      .map((cell, c) => (c === row.length - 1 ? cell : cell.padStart(widths[c]!)))
      .join("  ")
      .trimEnd();
  const lines = rows.map(line);
  const limit = chance?.[COMBINED];
  if (limit !== undefined) {
    const above = (results[COMBINED] ?? []).filter(({ score }) => score > limit).length;
    // In another order there is no one place from where on scores are those of chance, unless all of them are.
    if (above === 0 || (above < rows.length && !kinds)) {
      const up = limit.toFixed(2);
      const by = cutOff ?? `random pairs of this folder score up to ${up}`;
      const text = above > 0 ? by : cutOff === undefined ? `nothing close: ${by}` : `nothing like that here: ${by}`;
      lines.splice(above, 0, `--- ${text} ---`);
    }
  }
  return [`Images most alike to ${visible(query)}`, "", line(header), ...lines].join("\n");
}

function describe({ examples, words }: SimilarResult): string {
  const counts = (weight: number | undefined) => (weight === undefined || weight === 1 ? "" : ` (counts ${weight})`);
  const named = examples.map(({ image, sign, box, weight }) => {
    const part = box === undefined ? "" : ` (part ${[box.x, box.y, box.width, box.height].join(",")})`;
    return `${sign > 0 ? "" : "not "}${image}${part}${counts(weight)}`;
  });
  const texts = (words?.texts ?? []).map(
    ({ text, sign, weight }) => `${sign > 0 ? "" : "not "}"${text}"${counts(weight)}`,
  );
  return [...named, ...texts].join(", ");
}
