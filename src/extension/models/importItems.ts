import type { QuickPickItem } from "vscode";
import type { ChannelOrder, NetworkReport, NetworkValue, PreprocessingChoice } from "../../shared/index.ts";
import type { Translate } from "./modelItems.ts";

export interface ValueItem extends QuickPickItem {
  readonly value: NetworkValue;
}

/** What a network can be made a model of, the recognised one first. */
export function valueItems({ values, chosen }: NetworkReport, t: Translate): ValueItem[] {
  const first = values.filter(({ tensor }) => tensor === chosen);
  const others = values.filter(({ tensor }) => tensor !== chosen);
  return [...first, ...others].map((value) => ({
    label: value.shape.join(" × "),
    description: value.tensor,
    detail: [
      ...kindOf(value, t),
      value.firstLayer ? t("of the first layer: colours and edges only") : "",
      value.tensor === chosen ? t("recognised") : "",
    ]
      .filter((part) => part !== "")
      .join(" · "),
    value,
  }));
}

function kindOf(value: NetworkValue, t: Translate): string[] {
  const { op, tokens } = value;
  if (isVector(value)) return [t("vector by {0}: becomes the one branch, without SPoC, MAC and GeM", op)];
  if (tokens === null) return [t("feature map by {0}", op)];
  const left = tokens === 1 ? t("one other token is left out") : t("{0} other tokens are left out", tokens);
  return [t("patch tokens by {0}, as a feature map", op), tokens === 0 ? "" : left];
}

/** A vector has been pooled by the network itself. */
export function isVector({ shape }: NetworkValue): boolean {
  return shape.length === 1;
}

export interface PreprocessingItem extends QuickPickItem {
  /** null: figures of the user's own. */
  readonly choice: PreprocessingChoice | null;
}

/** The preprocessings to choose from, the recognised one first, figures of the user's own last. */
export function preprocessingItems({ preprocessing, presets }: NetworkReport, t: Translate): PreprocessingItem[] {
  const orders: readonly ChannelOrder[] = ["rgb", "bgr"];
  const named = orders.flatMap((order) => presets.map((name) => ({ name, order })));
  // What the files beside a network say need not be one of the presets.
  const own = presets.includes(preprocessing.name) ? [] : [{ name: preprocessing.name, order: preprocessing.order }];
  const all = [...own, ...named];
  const isRecognised = ({ name, order }: (typeof all)[number]) =>
    name === preprocessing.name && order === preprocessing.order;
  const { because, certain, mean, std } = preprocessing;
  const listed = (values: readonly number[]) => values.map((value) => Number(value.toFixed(4))).join(" ");
  const item = (choice: (typeof all)[number]): PreprocessingItem => ({
    label: `${choice.name}, ${choice.order.toUpperCase()}`,
    ...(isRecognised(choice)
      ? {
          description: certain ? t("recognised: {0}", because) : t("a guess: {0}", because),
          detail: t("mean {0}, standard deviation {1}, of pixels in 0..1", listed(mean), listed(std)),
        }
      : {}),
    choice,
  });
  const figures = { label: t("Mean and standard deviation..."), choice: null };
  return [...all.filter(isRecognised), ...all.filter((choice) => !isRecognised(choice))].map(item).concat(figures);
}

/** What the user chose of a network. */
export interface Taken {
  readonly value: NetworkValue;
  /** null for a vector. */
  readonly descriptors: string | null;
  /** null where the network normalises by itself. */
  readonly preprocessing: PreprocessingChoice | null;
  /** Of the file, without weights that lie beside it. */
  readonly bytes: number;
}

/** What would be installed, a line for each thing to look at before. */
export function importSummary(
  { input, producer, preprocessing: found, licence, notes }: NetworkReport,
  { value, descriptors, preprocessing, bytes }: Taken,
  t: Translate,
): string {
  const [channels, ...side] = value.shape;
  const name = preprocessing === null || !("name" in preprocessing) ? null : preprocessing.name;
  const order = preprocessing?.order.toUpperCase() ?? "";
  const asFound = name === found.name && preprocessing?.order === found.order;
  const why = asFound ? (found.certain ? found.because : t("a guess, {0}", found.because)) : t("as you chose");
  return [
    t(
      "{0} MB in the file, written by {1}",
      (bytes / 1e6).toFixed(1),
      producer === "" ? t("an unnamed program") : producer,
    ),
    descriptors === null
      ? t(
          "One branch of {0} values, pooled by the network itself: no lists of SPoC, MAC and GeM of their own",
          channels!,
        )
      : t("Branches {0} of {1} values each, on a map of {2} positions", descriptors, channels!, side.join(" × ")),
    preprocessing === null
      ? t("Images of {0} × {1} pixels; it normalises them by itself", input.width, input.height)
      : t(
          "Images of {0} × {1} pixels, fed as {2}: {3}",
          input.width,
          input.height,
          `${name === "as trained" ? t("in its training") : (name ?? t("your figures"))}, ${order}`,
          why,
        ),
    ...(value.firstLayer ? [t("Of the first layer: colours and edges only")] : []),
    licence === null
      ? t("Its licence does not stand in the file: it is that of where the file comes from")
      : t("Licence, as the card beside it says: {0}", licence),
    ...notes.map((note) => t("Note: {0}", note)),
    t("It is tried on images before it is installed. The model in use stays in use."),
  ].join("\n");
}

/**
 * Reads six numbers: mean and standard deviation per channel.
 * @returns undefined where they are none
 */
export function parseFigures(text: string): { readonly mean: number[]; readonly std: number[] } | undefined {
  const numbers = text
    .split(/[\s,;/]+/)
    .filter((part) => part !== "")
    .map(Number);
  const std = numbers.slice(3);
  if (numbers.length !== 6 || !numbers.every(Number.isFinite) || !std.every((value) => value > 0)) return undefined;
  return { mean: numbers.slice(0, 3), std };
}

/** Width and height of the input that a user typed, in pixels; undefined where it is none. */
export function parseSize(text: string): number | undefined {
  const size = Number(text);
  return text.trim() !== "" && Number.isInteger(size) && size >= 8 && size <= 2048 ? size : undefined;
}
