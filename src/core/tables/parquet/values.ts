import type { ParquetColumn } from "./schema.ts";

// biome-ignore lint/suspicious/noControlCharactersInRegex: text holds none but tabs and line ends, and bytes that happen to be UTF-8 do
const CONTROLS = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F]/;
const utf8 = new TextDecoder("utf-8", { fatal: true });

/** A value of a column as a person would write it; empty where there is none, or bytes that are no text. */
export function textOf(row: unknown, { path, isGroup }: ParquetColumn): string {
  let value = row;
  // The value of a top-level column, of which a field is wanted.
  for (const name of path.slice(1)) {
    if (value === null || typeof value !== "object") return "";
    value = Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : undefined;
  }
  if (isGroup) return value === null || value === undefined ? "" : JSON.stringify(value, plain);
  return single(value);
}

function single(value: unknown): string {
  if (value === null || value === undefined) return "";
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? "" : value.toISOString();
  if (value instanceof Uint8Array) return bytesAsText(value);
  return typeof value === "object" ? JSON.stringify(value, plain) : String(value);
}

function plain(_: string, part: unknown): unknown {
  if (typeof part === "bigint") return String(part);
  return part instanceof Uint8Array ? bytesAsText(part) : part;
}

function bytesAsText(bytes: Uint8Array): string {
  try {
    const text = utf8.decode(bytes);
    return CONTROLS.test(text) ? "" : text;
  } catch {
    return "";
  }
}
