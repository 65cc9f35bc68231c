import { type CsvError, Parser } from "csv-parse";
import { TableError } from "../errors.ts";
import { LIMITS } from "../limits.ts";
import type { Dialect } from "./dialect.ts";
import { firstLine, lineEnds, withoutLines, withShortLines } from "./lines.ts";

export interface CsvRecord {
  readonly fields: readonly string[];
  /** Where it begins, from 1. */
  readonly line: number;
  /** Its quotes are not as RFC 4180 wants them. */
  readonly odd: boolean;
}

/** Quotes that never close and swallow what follows: so many are passed over, then the file is given up. */
const MOST_OPEN = 20;

/**
 * The records of a CSV text, a slice at a time, empty lines left out. A quote inside a field without quotes, or text behind a
 * closing quote, is read as it stands. Of a quote that never closes only its own line is read without quotes.
 * @param text opens the text from its beginning
 * @param skipped lines that are passed over
 * @throws TableError for a file that is no text table
 */
export async function* csvRecords(
  text: () => AsyncIterable<string>,
  { separator, blanks, skipped, file }: Omit<Dialect, "preamble"> & { readonly skipped: number; readonly file: string },
): AsyncGenerator<readonly CsvRecord[]> {
  let done = skipped;
  for (let open = 0; ; open++) {
    const rest = () => withoutLines(text(), done);
    try {
      for await (const records of parsed(
        withShortLines(rest(), LIMITS.recordLength, file),
        { separator, blanks },
        done,
      )) {
        if (records.lines > 0) done = records.lines;
        yield records.slice;
      }
      return;
    } catch (error) {
      if (!isOpenQuote(error)) throw error;
      if (open === MOST_OPEN) {
        throw new TableError(`${file} has quotes that never close, such as in line ${done + 1}. Mend its quotes.`, {
          cause: error,
        });
      }
      yield [{ fields: (await firstLine(rest())).split(separator), line: done + 1, odd: true }];
      done++;
    }
  }
}

interface Parsed {
  readonly slice: readonly CsvRecord[];
  /** Lines of the file up to the end of the last record; 0 where there is none. */
  readonly lines: number;
}

/** @param before lines before the text  @throws CsvError after all records that could be read were given */
async function* parsed(
  chunks: AsyncIterable<string>,
  { separator, blanks }: Omit<Dialect, "preamble">,
  before: number,
): AsyncGenerator<Parsed> {
  const parser = new Parser({
    delimiter: separator,
    record_delimiter: ["\r\n", "\n", "\r"],
    relax_quotes: true,
    trim: blanks,
    relax_column_count: true,
    raw: true,
    max_record_size: LIMITS.recordLength,
    // All that a chunk gives is read before the next one is written.
    readableHighWaterMark: Number.MAX_SAFE_INTEGER,
  } as ConstructorParameters<typeof Parser>[0]);
  parser.on("error", () => {});
  let line = before + 1;
  const take = (): Parsed => {
    const slice: CsvRecord[] = [];
    for (;;) {
      const next: { readonly record: string[]; readonly raw: string } | null = parser.read();
      if (next === null) break;
      const { record: fields, raw } = next;
      const inside = fields.reduce((sum, field) => sum + lineEnds(field), 0);
      if (fields.length > 1 || fields[0] !== "")
        slice.push({ fields, line, odd: hasOddQuotes(raw, separator, blanks) });
      line += 1 + inside;
    }
    return { slice, lines: line - 1 };
  };
  const write = (chunk: string) =>
    new Promise<unknown>((resolve) => {
      // The parser makes an error of each record that has another length than the first, and throws it away: most of its cost
      // is the stack.
      const { stackTraceLimit } = Error;
      Error.stackTraceLimit = 0;
      try {
        parser.write(chunk, (error) => resolve(error ?? undefined));
      } finally {
        Error.stackTraceLimit = stackTraceLimit;
      }
    });
  try {
    for await (const chunk of chunks) {
      if (chunk === "") continue;
      const error = await write(chunk);
      yield take();
      if (error !== undefined) throw error;
    }
    const error = await new Promise<unknown>((resolve) => {
      parser.once("error", resolve);
      parser.end((ended?: Error | null) => resolve(ended ?? undefined));
    });
    yield take();
    if (error !== undefined) throw error;
  } finally {
    parser.destroy();
  }
}

function isOpenQuote(error: unknown): boolean {
  const code = (error as CsvError | undefined)?.code;
  return code === "CSV_QUOTE_NOT_CLOSED" || code === "CSV_MAX_RECORD_SIZE";
}

/** Whether the quotes of a record are other than around whole fields, and doubled inside. @param raw perhaps with its line end */
function hasOddQuotes(raw: string, separator: string, blanks: boolean): boolean {
  if (!raw.includes('"')) return false;
  const line = raw.replace(/(\r\n|\r|\n)$/, "");
  // From the first blank of a run alone: from each of them a million would be gone through a million times.
  const record = blanks ? line.replaceAll(/(?<! ) *("(?:[^"]|"")*") */g, "$1") : line;
  for (let at = 0; ; at++) {
    if (record[at] === '"') {
      let close = record.indexOf('"', at + 1);
      while (close >= 0 && record[close + 1] === '"') close = record.indexOf('"', close + 2);
      if (close < 0) return true;
      at = close + 1;
      if (at < record.length && record[at] !== separator) return true;
    } else {
      const end = record.indexOf(separator, at);
      const field = record.slice(at, end < 0 ? undefined : end);
      if (field.includes('"')) return true;
      at = end < 0 ? record.length : end;
    }
    if (at >= record.length) return false;
  }
}
