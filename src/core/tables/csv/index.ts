import type { FileHandle } from "node:fs/promises";
import { TableError, tooManyColumns } from "../errors.ts";
import { LIMITS } from "../limits.ts";
import { readPart } from "../regularFile.ts";
import { type TableSource, uniqueNames } from "../source.ts";
import { dialectOf } from "./dialect.ts";
import { encodingOf, textOf } from "./encoding.ts";
import { csvRecords } from "./records.ts";

/** Characters that are looked at to see how the file is written. */
const HEAD = 64 * 1024;
/** Lines that are named; of the others only the number is told. */
const NAMED = 3;

/**
 * Opens a CSV file with a header: RFC 4180, separated by whatever of `,` `;` tab `|` its header has most of, or what it
 * declares. Blanks before a field in quotes belong to no field where the first lines have such. Empty lines are left out. What the
 * format forbids is read as it stands and its line is told: odd quotes, a record that is too short (filled with empty fields) or too long (cut).
 * @throws TableError where it is no such file
 */
export async function openCsv(file: string, handle: FileHandle, size: number): Promise<TableSource> {
  if (size > LIMITS.textBytes) {
    throw new TableError(`${file} is larger than ${LIMITS.textBytes / 2 ** 20} MB. Choose a smaller table.`);
  }
  await checkKind(file, handle);
  const encoding = await encodingOf(handle);
  const text = () => textOf(handle, encoding);
  const head = await beginning(text());
  if (head.includes("\u0000")) {
    throw new TableError(
      `${file} holds zero bytes, so it is no text. Save it as CSV in UTF-8, or choose another file.`,
    );
  }
  const other = otherText(head);
  if (other !== undefined) throw otherKind(file, other);
  const { separator, preamble, blanks } = dialectOf(head);
  const records = () => csvRecords(text, { separator, blanks, skipped: preamble, file });
  const written = await headerOf(records(), file);
  const columns = uniqueNames(written);
  const odd = { count: 0, first: [] as number[] };
  return {
    columns,
    written,
    plain: [...columns.keys()],
    isText: true,
    oddLines: odd,
    isWindows1252: encoding === "windows-1252",
    close: () => handle.close(),
    async *rows(wanted, most = Number.POSITIVE_INFINITY) {
      odd.count = 0;
      odd.first.length = 0;
      let rows = 0;
      let cells = 0;
      let isHeader = true;
      for await (const slice of records()) {
        const out: string[][] = [];
        for (const { fields, line, odd: quotes } of slice) {
          if (quotes || (!isHeader && fields.length !== columns.length)) {
            odd.count++;
            if (odd.first.length < NAMED) odd.first.push(line);
          }
          if (!isHeader) out.push(wanted.map((at) => fields[at] ?? ""));
          isHeader = false;
          cells += fields.length;
        }
        rows += out.length;
        if (rows > LIMITS.rows || cells > LIMITS.cells) throw tooLarge(file);
        if (out.length > 0) yield out.slice(0, most - rows + out.length);
        if (rows >= most) return;
      }
    },
  };
}

/** @throws TableError where the file is of a kind that is easily mistaken for a text table */
async function checkKind(file: string, handle: FileHandle): Promise<void> {
  const start = (await readPart(handle, 0, 8)).toString("latin1");
  const kinds: readonly (readonly [string, string])[] = [
    ["PK\u0003\u0004", "a spreadsheet or another archive"],
    ["\u001F\u008B", "packed with gzip"],
    ["\u0028\u00B5\u002F\u00FD", "packed with zstd"],
    ["\u00D0\u00CF\u0011\u00E0", "an old Excel file"],
    ["ARROW1", "an Arrow file"],
    ["SQLite", "a database"],
  ];
  const kind = kinds.find(([magic]) => start.startsWith(magic));
  if (kind !== undefined) throw otherKind(file, kind[1]);
}

function otherKind(file: string, kind: string): TableError {
  return new TableError(`${file} is ${kind}. Save the table as CSV or Parquet.`);
}

/** What a text is that has another form than lines of fields. */
function otherText(head: string): string | undefined {
  if (/^\s*(\{\s*"|\[\s*[[{"])/.test(head)) return "JSON";
  return /^\s*<(\?xml\s|!doctype\s|html[\s>])/i.test(head) ? "a web page or XML" : undefined;
}

async function headerOf(records: AsyncIterable<readonly { readonly fields: readonly string[] }[]>, file: string) {
  for await (const [first] of records) {
    if (first === undefined) continue;
    if (first.fields.length > LIMITS.columns) throw tooManyColumns(file);
    return first.fields.map((name) => name.trim());
  }
  throw new TableError(`${file} is empty. A table has a header and a row per image.`);
}

async function beginning(chunks: AsyncIterable<string>): Promise<string> {
  let text = "";
  for await (const chunk of chunks) {
    text += chunk;
    if (text.length >= HEAD) break;
  }
  return text.slice(0, HEAD);
}

function tooLarge(file: string): TableError {
  return new TableError(
    `${file} has more than ${LIMITS.rows / 1e6} million rows or ${LIMITS.cells / 1e6} million cells. Choose a smaller table, or save it as Parquet.`,
  );
}
