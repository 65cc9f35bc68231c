/** A text table as it was read. */
export interface CsvTable {
  readonly header: readonly string[];
  /** Each as long as the header. */
  readonly records: readonly (readonly string[])[];
  /** Lines of the file, from 1, whose record has another number of fields or whose quotes do not add up; sorted. */
  readonly oddLines: readonly number[];
}

/** Characters that may separate fields; where a header holds as many of two of them, the first. */
const SEPARATORS = [",", ";", "\t"] as const;

/**
 * Reads a CSV file (RFC 4180) with a header. Commas, semicolons or tabs separate, whichever the header has most of; empty
 * lines are left out. What the format forbids is read as it stands, and its line is told: a quote inside a field without
 * quotes, text behind a closing quote, a quote that never closes (which would swallow the rest of the file), a record that
 * is too short (filled with empty fields) or too long (cut).
 */
export function parseCsv(text: string): CsvTable {
  const odd = new Set<number>();
  const records: { readonly line: number; readonly fields: string[] }[] = [];
  const body = text.startsWith("\uFEFF") ? text.slice(1) : text;
  const separator = separatorOf(body);
  let at = 0;
  let line = 1;
  while (at < body.length) {
    const record = readRecord(body, at, separator);
    if (record.odd) odd.add(line);
    if (record.fields.length > 1 || record.fields[0] !== "") records.push({ line, fields: record.fields });
    line += record.lines;
    at = record.end;
  }
  const [first, ...rest] = records;
  if (first === undefined) return { header: [], records: [], oddLines: [] };
  const header = unique(first.fields.map((name) => name.trim()));
  for (const { line: where, fields } of rest) {
    if (fields.length === header.length) continue;
    odd.add(where);
    while (fields.length < header.length) fields.push("");
    fields.length = header.length;
  }
  return { header, records: rest.map(({ fields }) => fields), oddLines: [...odd].sort((a, b) => a - b) };
}

interface Record {
  readonly fields: string[];
  readonly odd: boolean;
  /** Behind its line break. */
  readonly end: number;
  readonly lines: number;
}

function readRecord(text: string, start: number, separator: string): Record {
  const fields: string[] = [];
  let odd = false;
  let at = start;
  for (;;) {
    const quoted = text[at] === '"' ? readQuoted(text, at, separator) : undefined;
    const field = quoted ?? readPlain(text, at, separator);
    // A field that begins with a quote and has no closing one is read up to the next separator.
    odd ||= field.odd || (quoted === undefined && text[at] === '"');
    fields.push(field.value);
    at = field.end;
    if (text[at] !== separator) break;
    at++;
  }
  if (text[at] === "\r") at++;
  if (text[at] === "\n") at++;
  const lines = Math.max(1, text.slice(start, at).split(/\r\n|\r|\n/).length - 1);
  return { fields, odd, end: at, lines };
}

interface Field {
  readonly value: string;
  readonly odd: boolean;
  readonly end: number;
}

function readPlain(text: string, start: number, separator: string): Field {
  let end = start;
  while (end < text.length && text[end] !== separator && text[end] !== "\n" && text[end] !== "\r") end++;
  const value = text.slice(start, end);
  return { value, odd: value.includes('"'), end };
}

/** @returns undefined where the quote never closes */
function readQuoted(text: string, start: number, separator: string): Field | undefined {
  let value = "";
  let at = start + 1;
  for (;;) {
    const close = text.indexOf('"', at);
    if (close < 0) return undefined;
    value += text.slice(at, close);
    at = close + 1;
    if (text[at] !== '"') break;
    value += '"';
    at++;
  }
  const tail = readPlain(text, at, separator);
  return { value: value + tail.value, odd: tail.value !== "", end: tail.end };
}

function separatorOf(text: string): string {
  const header = /^[^\r\n]*/.exec(text)![0].replaceAll(/"[^"]*"/g, "");
  const count = (separator: string) => header.split(separator).length;
  return SEPARATORS.reduce((best, next) => (count(next) > count(best) ? next : best));
}

/** Names that come twice get a number. */
function unique(names: readonly string[]): string[] {
  const seen = new Map<string, number>();
  return names.map((name) => {
    const times = (seen.get(name) ?? 0) + 1;
    seen.set(name, times);
    return times === 1 ? name : `${name} (${times})`;
  });
}
