/** Values and messages that hold text of others, as they may be shown (`printable`). In JSON what is written out is the same text. */
import { printable } from "./printable.ts";

/** Text of several lines, each end of a line our own. */
export function visibleLines(text: string): string {
  return text.split("\n").map(printable).join("\n");
}

/** Text of an entry of a log. Its further lines stand to the right of where entries begin: no name makes one up. */
export function logText(text: string): string {
  return visibleLines(text).replaceAll("\n", "\n    ");
}

/** A value with its texts made visible, each of which is part of one line: names, paths, reasons. */
export function visible<T>(value: T): T {
  return visibleValue(value) as T;
}

function visibleValue(value: unknown): unknown {
  if (typeof value === "string") return printable(value);
  if (Array.isArray(value)) return value.map(visibleValue);
  if (value instanceof Map) return new Map([...value].map(([key, each]) => [visibleValue(key), visibleValue(each)]));
  if (typeof value !== "object" || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [printable(key), visibleValue(each)]));
}

/** Longest text in a message of VS Code. */
const LONGEST = 1000;

/**
 * Text for a message of VS Code, which makes links of `[text](address)`, commands among them, and icons of `$(name)`: it takes
 * neither from the name of a file or a tensor.
 */
export function messageText(text: string): string {
  const shown = visibleLines(text).replaceAll("](", "] (").replaceAll("$(", "$ (");
  return shown.length <= LONGEST ? shown : `${shown.slice(0, LONGEST)}...`;
}
