interface CsvRow {
  /** Where the row begins in the file, from 1. */
  readonly line: number;
  readonly fields: readonly string[];
}

/**
 * Rows of a CSV text (RFC 4180): fields in double quotes may hold commas, line ends and doubled quotes. A byte order mark
 * is taken away, any line end is taken, and empty lines are left out.
 * @returns undefined where a quoted field does not end
 */
export function csvRows(text: string): CsvRow[] | undefined {
  // A field with what ends it; the last one is ended by the end of the text.
  const token = /(?:"([^"]*(?:""[^"]*)*)"|([^",\r\n][^,\r\n]*|))(,|\r\n|\n|\r|$)/y;
  token.lastIndex = text.startsWith("\uFEFF") ? 1 : 0;
  const rows: CsvRow[] = [];
  let [line, start] = [1, 1];
  let fields: string[] = [];
  for (;;) {
    const match = token.exec(text);
    if (match === null) return undefined;
    const [whole, quoted, plain = "", end] = match;
    fields.push(quoted?.replaceAll('""', '"') ?? plain);
    line += whole.split(/\r\n|\n|\r/).length - 1;
    if (end === ",") continue;
    if (fields.length > 1 || fields[0] !== "" || quoted !== undefined) rows.push({ line: start, fields });
    fields = [];
    start = line;
    if (end === "") return rows;
  }
}
