/** One record of a CSV file: fields with a comma, a quote or a line break are quoted, and quotes in them doubled. */
export function csvRecord(fields: readonly string[]): string {
  return `${fields.map((field) => (/[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field)).join(",")}\r\n`;
}
