import type { ImageColumn } from "../../shared/index.ts";

/** Whole numbers of so few kinds are names of classes rather than amounts. */
const FEW = 8;
const DATE = /^\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?)?$/;

/**
 * What the values of a column are: dates (ISO 8601) where all are, numbers where all are and more than a few kinds, else
 * categories, the most frequent first. Empty values are missing.
 */
export function typedColumn(texts: readonly string[]): ImageColumn {
  const values = texts.map((text) => text.trim());
  const there = values.filter((value) => value !== "");
  if (there.length > 0 && there.every((value) => DATE.test(value))) {
    const dates = values.map((value) => (value === "" ? Number.NaN : Date.parse(value.replace(" ", "T"))));
    return { kind: "number", unit: "date", values: Float64Array.from(dates), byMap: null };
  }
  const numbers = values.map((value) => (value === "" ? Number.NaN : Number(value)));
  const missing = (value: string) => value === "" || /^(nan|null|none|na|n\/a)$/i.test(value);
  const isNumeric = values.every((value, i) => missing(value) || Number.isFinite(numbers[i]!));
  const kinds = new Set(there.filter((value) => !missing(value)));
  const classes = kinds.size <= FEW && [...kinds].every((value) => /^-?\d+$/.test(value));
  if (isNumeric && kinds.size > 0 && !classes) {
    return { kind: "number", unit: null, values: Float64Array.from(numbers), byMap: null };
  }
  return categories(values);
}

/** @param values empty where there is none */
export function categories(values: readonly string[]): ImageColumn & { readonly kind: "category" } {
  const counts = new Map<string, number>();
  for (const value of values) if (value !== "") counts.set(value, (counts.get(value) ?? 0) + 1);
  const names = [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1)).map(([name]) => name);
  const codes = new Map(names.map((name, code) => [name, code]));
  return { kind: "category", names, codes: Int32Array.from(values, (value) => codes.get(value) ?? -1) };
}
