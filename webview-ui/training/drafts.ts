import type { TrainingMode } from "../../src/shared/index.ts";
import { t } from "../strings.ts";
import type { Choice } from "./choice.ts";

type Value = string | number | boolean | null;

/** What stands in the fields and is not, or not yet, what was chosen: nothing that was typed is thrown away. */
export class Drafts {
  #texts: ReadonlyMap<string, string> = new Map();

  /** @param kept what `kept` gave before, from wherever it was kept */
  restore(kept: unknown): void {
    const entries = typeof kept === "object" && kept !== null ? Object.entries(kept) : [];
    this.#texts = new Map(entries.filter((entry): entry is [string, string] => typeof entry[1] === "string"));
  }

  get kept(): Readonly<Record<string, string>> {
    return Object.fromEntries(this.#texts);
  }

  /** What stands in a field whose choice is `value`. */
  textOf(choice: Choice, value: Value): string {
    const text = this.#texts.get(choice.key);
    const told = String(value ?? "");
    if (text === undefined) return told;
    return problemOf(choice, text) !== null || sameValue(choice, text, value) ? text : told;
  }

  /** What is wrong with what stands in a field; null where it can be used. */
  problemOf(choice: Choice): string | null {
    const text = this.#texts.get(choice.key);
    return text === undefined ? null : problemOf(choice, text);
  }

  /** Whether any field of a mode holds what cannot be used. */
  hasProblem(choices: readonly Choice[], mode: TrainingMode): boolean {
    return choices.some((choice) => choice.modes.includes(mode) && this.problemOf(choice) !== null);
  }

  /** A field was typed into. @returns its value; undefined where that cannot be used */
  type(choice: Choice, text: string): Value | undefined {
    this.#texts = new Map(this.#texts).set(choice.key, text);
    if (problemOf(choice, text) !== null) return undefined;
    const trimmed = text.trim();
    if (trimmed === "") return null;
    return choice.kind === "number" ? Number(trimmed) : trimmed;
  }

  /** A field was left: what can be used is shown as it was understood. */
  leave(choice: Choice): void {
    if (this.problemOf(choice) !== null) return;
    const texts = new Map(this.#texts);
    texts.delete(choice.key);
    this.#texts = texts;
  }
}

function sameValue(choice: Choice, text: string, value: Value): boolean {
  const trimmed = text.trim();
  if (trimmed === "") return value === null;
  return choice.kind === "number" ? Number(trimmed) === value : trimmed === value;
}

function problemOf(choice: Choice, text: string): string | null {
  if (choice.kind !== "number") return null;
  const trimmed = text.trim();
  if (trimmed === "" && choice.empty !== undefined) return null;
  const number = Number(trimmed);
  const { min, max, step } = choice;
  const fits = trimmed !== "" && number >= min && number <= max && (step === "any" || Number.isInteger(number));
  if (fits) return null;
  const [low, high] = [min.toLocaleString(), max.toLocaleString()];
  return step === "any" ? t("A number from {0} to {1}.", low, high) : t("A whole number from {0} to {1}.", low, high);
}
