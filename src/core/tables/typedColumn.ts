import type { ImageColumn } from "../../shared/index.ts";

/** Whole numbers of so few kinds are names of classes rather than amounts. */
const FEW = 8;
const DATE = /^(\d{4})-(\d\d)-(\d\d)([T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?)?$/;
/** A number as programs write it; one of other digits (`0x1f`) is a code. */
const NUMBER = /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i;
/** The same with a comma, as Excel writes it in most languages of Europe. */
const WITH_COMMA = /^[-+]?\d+(?:,(\d+))?$/;

/**
 * What the values of a column are: dates (ISO 8601) where all are, numbers where all are and more than a few kinds, else
 * categories, the most frequent first. Empty values are missing.
 */
export function typedColumn(texts: readonly string[]): ImageColumn {
  const values = texts.map((text) => text.trim());
  const there = values.filter((value) => value !== "");
  if (there.length > 0 && there.every(isDate)) {
    const dates = values.map((value) => (value === "" ? Number.NaN : Date.parse(value.replace(" ", "T"))));
    return { kind: "number", unit: "date", values: Float64Array.from(dates), byMap: null };
  }
  const missing = (value: string) => value === "" || /^(nan|null|none|na|n\/a)$/i.test(value);
  const kinds = new Set(there.filter((value) => !missing(value)));
  const numberOf = readerOf(kinds);
  const classes = kinds.size <= FEW && [...kinds].every((value) => /^-?\d+$/.test(value));
  if (numberOf !== undefined && kinds.size > 0 && !classes) {
    const numbers = values.map((value) => (missing(value) ? Number.NaN : numberOf(value)));
    return { kind: "number", unit: null, values: Float64Array.from(numbers), byMap: null };
  }
  return categories(values);
}

/** A day that there is, and a time: `2024-02-30` would be read as the first of March. */
function isDate(text: string): boolean {
  const [, year, month, day] = DATE.exec(text) ?? [];
  if (day === undefined) return false;
  const days = new Date(Date.UTC(Number(year), Number(month), 0)).getUTCDate();
  return Number(day) >= 1 && Number(day) <= days && !Number.isNaN(Date.parse(text.replace(" ", "T")));
}

/** How numbers are read; undefined where some of them are none. Commas before three digits each time may part thousands. */
function readerOf(kinds: ReadonlySet<string>): ((text: string) => number) | undefined {
  const all = [...kinds];
  if (all.every((text) => NUMBER.test(text) && Number.isFinite(Number(text)))) return Number;
  const decimals = all.map((text) => WITH_COMMA.exec(text)?.[1]);
  if (!all.every((text) => WITH_COMMA.test(text)) || decimals.every((digits) => (digits ?? "000").length === 3)) {
    return undefined;
  }
  return (text) => Number(text.replace(",", "."));
}

/** @param values empty where there is none */
export function categories(values: readonly string[]): ImageColumn & { readonly kind: "category" } {
  const counts = new Map<string, number>();
  for (const value of values) if (value !== "") counts.set(value, (counts.get(value) ?? 0) + 1);
  const names = [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1)).map(([name]) => name);
  const codes = new Map(names.map((name, code) => [name, code]));
  return { kind: "category", names, codes: Int32Array.from(values, (value) => codes.get(value) ?? -1) };
}
