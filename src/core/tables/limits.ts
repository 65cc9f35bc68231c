/** What a table may hold. Beyond, reading it would take minutes or all memory, whoever wrote it and why. */
export const LIMITS = {
  /** Of a text file. */
  textBytes: 2 ** 30,
  rows: 10_000_000,
  columns: 20_000,
  /** Rows times columns: of a CSV file all of them, since all are read; of a Parquet file those that are asked for. */
  cells: 100_000_000,
  /** Characters of one record of a CSV file. */
  recordLength: 4_000_000,
  /** What the values of one column of a Parquet file unfold to, in bytes. */
  columnBytes: 2 ** 30,
  /** What one page of it unfolds to, or takes in the file, in bytes. */
  pageBytes: 2 ** 28,
  /** Of a Parquet file's own description. */
  footerBytes: 2 ** 25,
} as const;

/** Rows that are handed on at once. */
export const SLICE = 4096;
