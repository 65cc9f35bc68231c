import type { QuickPickItem } from "vscode";
import {
  ADAPTED_SUFFIX,
  descriptorStyles,
  INT8_PART,
  type InstalledModel,
  MODEL_NAME,
  type ModelManifest,
  scoreText,
} from "../../shared/index.ts";

/** `vscode.l10n.t`; given, so that lists can be made and tested without VS Code. */
export type Translate = (text: string, ...args: (string | number)[]) => string;

/** Stands for the built-in model on the command line. */
const RESERVED = "default";

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
  // Not every file system tells capitals from small letters.
  const same = [RESERVED, ...taken].find((other) => other.toLowerCase() === name.toLowerCase());
  if (same !== undefined) return t("There is a model {0} already.", same);
  if (MODEL_NAME.test(name)) return undefined;
  return t("Letters, digits, space and . _ + - only, and a letter or digit first.");
}

/** A name that is free: the wanted one where it is, else with a number. Signs that a name cannot have become dashes. */
export function freeName(wanted: string, taken: readonly string[]): string {
  const cleaned = wanted.replace(/[^\p{L}\p{N} ._+-]+/gu, "-").replace(/^[^\p{L}\p{N}]+/u, "");
  const base = cleaned.slice(0, 90) || "model";
  const used = new Set([RESERVED, ...taken].map((name) => name.toLowerCase()));
  let name = base;
  for (let n = 2; used.has(name.toLowerCase()); n++) name = `${base} ${n}`;
  return name;
}
