import type * as Core from "../core/index.ts";
import { type AcrossResult, type CutOff, nothingLike, type SimilarResult } from "../shared/index.ts";
import { shelfOf } from "./tools.ts";

/** What is said of an answer to words beside its table. */
export function wordsLines({ words, model }: SimilarResult): string[] {
  if (words === undefined) return [];
  const others = model.descriptors.filter((name) => name !== words.branch);
  return [
    ...words.notes.map((note) =>
      note.kind === "cut"
        ? `"${note.text}" is longer than the text tower takes; of it was taken: "${note.cutTo}".`
        : `The text tower was not trained on these words, so what they find may be chance: ${note.words.join(", ")}.`,
    ),
    ...(others.length === 0
      ? []
      : [
          `Words are in the space of ${words.branch} only: it ranks, and combined is its list. ${others.join(", ")}: scores ` +
            "with the mean of its best five images.",
        ]),
  ];
}

/** Of several folders, up to where each has nothing like the words; the lines that say so beside the table. */
export function cutOffLines({ words }: Pick<AcrossResult, "words">): string[] {
  if (words?.cutOffs === undefined) return [];
  const each = Object.entries(words.cutOffs).flatMap(([folder, said]) => {
    if (said === null) return [];
    const nothing = (said.best ?? -1) <= said.score;
    return [`${folder}: ${nothing ? "nothing like that here: " : ""}${limitText(said)}.`];
  });
  return [...each, ...(nothingLike(words) ? ["Nothing like that in any folder."] : [])];
}

/** Up to where nothing is like the words; undefined where nobody asked by words alone. */
export function cutOffText({ words }: SimilarResult): string | undefined {
  if (words?.cutOff == null) return undefined;
  return limitText(words.cutOff);
}

function limitText({ score, by }: CutOff): string {
  if (by === "probability") return `below ${score.toFixed(2)} the model itself gives less than 1 %`;
  return `random words score up to ${score.toFixed(2)} with images of this folder`;
}

/** Which models words can be searched with, and how to come by one. */
export async function modelsForWords(core: typeof Core): Promise<string> {
  const installed = (await shelfOf(core).list()).filter(({ manifest }) => manifest?.text !== undefined);
  const { CATALOGUE } = await import("../core/model/hub/index.ts");
  const known = CATALOGUE.filter(({ text }) => text !== undefined);
  const [first] = known;
  return [
    installed.length === 0
      ? "None of the installed models has one."
      : `Installed with one: ${installed.map(({ name }) => name).join(", ")} (--model <name>).`,
    `Of the catalogue: ${known.map(({ name, licence }) => `${name} (${licence})`).join(", ")}. For instance:`,
    `  lookalike model download "${first?.name}" --text --folder words`,
    `  lookalike model import words/${first?.file} --text words/${first?.text} --out words.onnx`,
  ].join("\n");
}
