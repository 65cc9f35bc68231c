/** C0 and C1 controls, the separators of lines and paragraphs, marks that turn the direction of text, and blanks of no width. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
const UNPRINTABLE = /[\u0000-\u001F\u007F-\u009F\u061C\u200B\u200E\u200F\u2028-\u202E\u2060\u2066-\u2069\uFEFF]/g;

/**
 * Text of somebody else's file as it may stand in a message or on a terminal: on one line, and without characters that a
 * terminal obeys. Each of them is shown by its number: `\u001b`.
 */
export function printable(text: string): string {
  return text.replaceAll(UNPRINTABLE, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
