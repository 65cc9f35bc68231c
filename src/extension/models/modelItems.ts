import type { QuickPickItem } from "vscode";
import {
  ADAPTED_SUFFIX,
  cutName,
  descriptorStyles,
  INT8_PART,
  type InstalledModel,
  isDeviceName,
  type ModelManifest,
  modelNameFault,
  sameFileName,
  scoreText,
} from "../../shared/index.ts";

/** `vscode.l10n.t`; given, so that lists can be made and tested without VS Code. */
export type Translate = (text: string, ...args: (string | number)[]) => string;

/** Stands for the built-in model on the command line. */
const RESERVED = "default";
/** Bytes behind a proposed name: of a number, and of all that a model's files have there. */
const ROOM = 75;

/**
 * How a model stands in a list: its name, whether it is in use, and what it is made of.
 * @param inUse name of the form of it that the folder is searched with, where that is known
 */
export function modelItem(model: InstalledModel, t: Translate, inUse?: string): QuickPickItem {
  const { name, selected, builtIn, bytes, manifest, problem, scores } = model;
  const icon = manifest === null ? "$(warning)" : selected ? "$(check)" : "$(blank)";
  const form = manifest?.precision === "int8" ? "" : (inUse?.match(INT8_PART)?.[0] ?? "");
  const adapted = inUse?.endsWith(ADAPTED_SUFFIX) === true ? ADAPTED_SUFFIX : "";
  const use = form + adapted === "" ? t("in use") : t("in use as {0}", `${name}${form}${adapted}`);
  const notes = [selected ? use : "", builtIn ? t("comes with Lookalike") : ""].filter((note) => note !== "");
  return {
    label: `${icon} ${name}`,
    description: manifest === null ? t("cannot be used") : notes.join(", "),
    detail:
      manifest === null
        ? (problem ?? "")
        : [...describe(manifest, bytes, t), ...scores.slice(-2).reverse().map(scoreText)].join(" · "),
  };
}

/** What a model is made of: backbone, descriptors with their lengths, input, size, where it comes from. */
function describe({ backbone, descriptors, input, weights, training }: ModelManifest, bytes: number, t: Translate) {
  const styles = descriptorStyles(descriptors.map(({ name }) => name));
  const parts = [
    backbone.name,
    descriptors.map(({ name, dim }) => `${styles.get(name)?.label ?? name} ${dim}`).join(" + "),
    t("{0} × {1} pixels", input.width, input.height),
    t("{0} MB", (bytes / 1e6).toFixed(1)),
    `${weights.source} ${weights.version} (${weights.licence})`,
  ];
  if (training !== null) parts.push(t("{0} on {1} images", training.method, training.images));
  return parts;
}

/**
 * Why a text cannot be the name of a new model.
 * @param taken names of the installed models
 * @returns undefined where it can
 */
export function nameProblem(name: string, taken: readonly string[], t: Translate): string | undefined {
  const fault = modelNameFault(name.normalize("NFC"), [RESERVED, ...taken]);
  if (fault === undefined) return undefined;
  if (typeof fault === "object") return t("There is a model {0} already.", fault.taken);
  if (fault === "long") return t("Too long for the name of a file.");
  if (fault === "end") return t("A letter, a digit or one of _ + - last: some systems drop a point or a space there.");
  if (fault === "device") return t("Windows takes this name for a device.");
  return t("Letters, digits, space and . _ + - only, and a letter or digit first.");
}

/** A name that is free: the wanted one where it is, else with a number. Signs that a name cannot have become dashes. */
export function freeName(wanted: string, taken: readonly string[]): string {
  const cleaned = wanted
    .normalize("NFC")
    .replace(/[^\p{L}\p{M}\p{N} ._+-]+/gu, "-")
    .replace(/^[^\p{L}\p{N}]+/u, "");
  const short = cutName([...cleaned].slice(0, 90).join(""), ROOM).replace(/[ .]+$/, "") || "model";
  const base = isDeviceName(short) ? `model ${short}` : short;
  const used = [RESERVED, ...taken];
  let name = base;
  for (let n = 2; used.some((other) => sameFileName(other, name)); n++) name = `${base} ${n}`;
  return name;
}
