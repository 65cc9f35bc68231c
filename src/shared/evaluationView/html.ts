import { COMBINED, descriptorStyles } from "../descriptors.ts";

/** Markup that is safe to show as it stands. */
export class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

export type Part = Markup | string | number | null | readonly Part[];

/** Markup of a template; texts that are put into it are escaped, markup and lists of it are not. */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  return new Markup(strings.reduce((all, text, i) => all + textOf(parts[i - 1] ?? null) + text));
}

function textOf(part: Part): string {
  if (part === null) return "";
  if (part instanceof Markup) return part.text;
  if (typeof part === "string" || typeof part === "number") return escapeText(String(part));
  return part.map(textOf).join("");
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

function escapeText(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character]!);
}

/** `{0}`, `{1}`, ... of a text replaced. */
export type Translate = (text: string, ...values: readonly (string | number)[]) => string;

/** English as it is written, for files. */
export const untranslated: Translate = (text, ...values) =>
  text.replace(/\{(\d+)\}/g, (_, i: string) => String(values[Number(i)] ?? ""));

/** What a report needs of where it is shown. */
export interface ViewParts {
  readonly t: Translate;
  /** A link or a button that opens an image, by its path relative to the folder. */
  image(path: string): Markup;
}

/** A column of a model as every page calls it: a branch, a subset such as `spoc+mac`, or combined. */
export function columnName(key: string, t: Translate): string {
  if (key === COMBINED) return t("Combined");
  return key
    .split("+")
    .map((name) => descriptorStyles([name]).get(name)?.label ?? name)
    .join(" + ");
}

export function percent(share: number): string {
  return (100 * share).toFixed(1);
}

export function signed(share: number): string {
  return `${share < 0 ? "−" : "+"}${percent(Math.abs(share))}`;
}
