/** What the text of an SVG says of itself, without drawing it. Linear in its length, whatever it holds. */
import { utf16Of } from "./kinds.ts";

/** The start tag of a root element, and where it begins. */
export interface RootTag {
  readonly tag: string;
  readonly at: number;
}

/** A declaration of another encoding stands in so many first bytes. */
const DECLARED = 256;
/** Characters of a tag that are looked through for what it refers to. */
const TAG = 2000;

/** The bytes in UTF-8: the decoder knows a drawing by its first bytes, in that. */
export function inUtf8(bytes: Buffer): Buffer {
  const text = utf16Of(bytes) ?? declaredText(bytes);
  if (text === undefined) return bytes;
  return Buffer.from(text.replace(/^(<\?xml[^>]*?)\sencoding\s*=\s*["'][^"']*["']/, "$1"));
}

/** The text of a file whose XML declaration names another encoding than UTF-8, one that is known here. */
function declaredText(bytes: Buffer): string | undefined {
  const head = bytes.toString("latin1", 0, DECLARED);
  const name = /^<\?xml[^>]*?\sencoding\s*=\s*["']([\w.:-]+)["']/.exec(head)?.[1];
  if (name === undefined || /^(utf-?8|us-ascii|utf-?16)/i.test(name)) return undefined;
  try {
    return new TextDecoder(name).decode(bytes);
  } catch {
    return undefined;
  }
}

/** @param text in which a character is a byte; what precedes the root may hold tags in comments */
export function rootTag(text: string): RootTag | undefined {
  const blank = without(text, "<!--", "-->");
  const found = /<(?:[\w.-]+:)?svg(?=[\s>/])(?:"[^"]*"|'[^']*'|[^"'>])*>/.exec(blank);
  return found === null ? undefined : { tag: found[0], at: found.index };
}

export function attributeOf(tag: string, name: string): string | undefined {
  return new RegExp(`\\s${name}\\s*=\\s*["']([^"']*)["']`).exec(tag)?.[1]?.trim();
}

/** Of CSS, in pixels (CSS Values 5.1 and 6). */
const UNITS: Readonly<Record<string, number>> = {
  "": 1,
  px: 1,
  pt: 96 / 72,
  pc: 16,
  in: 96,
  cm: 96 / 2.54,
  mm: 96 / 25.4,
  em: 16,
  rem: 16,
};

/** In pixels; NaN where it is missing, or a share of something. */
export function lengthOf(tag: string, name: string): number {
  const [, number, unit] = /^([\d.eE+-]*[\d.])\s*([a-z]*)$/i.exec(attributeOf(tag, name) ?? "") ?? [];
  return Number(number) * (UNITS[unit?.toLowerCase() ?? ""] ?? Number.NaN);
}

/**
 * Whether it shows what is not drawn here: text of web pages inside it, pictures of other files or of kinds that the drawing
 * library does not know, styles of other files. A branch for programs that cannot show these is drawn in their place.
 */
export function showsMore(text: string): boolean {
  const drawn = without(without(text, "<!--", "-->"), "<switch", "</switch>");
  if (/<\?xml-stylesheet\s|@import\b|<(?:[\w.-]{1,64}:)?foreignObject[\s>]/.test(drawn)) return true;
  if (/\burl\(\s*(?:["']|&quot;)?(?!data:)[\w./]/.test(drawn)) return true;
  const refers = new RegExp(`<(?:[\\w.-]{1,64}:)?(?:image|use|feImage)\\s([^>]{0,${TAG}})`, "g");
  return [...drawn.matchAll(refers)].some(([, attributes]) => {
    const target = /(?:^|\s)(?:[\w.-]{1,64}:)?href\s*=\s*["']\s*([^"']{0,64})/.exec(attributes!)?.[1] ?? "";
    return target !== "" && !/^(#|data:image\/(png|jpe?g|gif|svg))/i.test(target);
  });
}

/** Whether it moves, of which only the beginning is drawn here. */
export function isMoving(text: string): boolean {
  return /<(?:[\w.-]{1,64}:)?(?:animate[A-Za-z]{0,9}|set)[\s>/]|@(?:-webkit-)?keyframes\b/.test(
    without(text, "<!--", "-->"),
  );
}

/** The text with blanks in place of all that stands from one mark to another. */
function without(text: string, open: string, close: string): string {
  const parts: string[] = [];
  let from = 0;
  for (let at = text.indexOf(open); at >= 0; at = text.indexOf(open, from)) {
    const end = text.indexOf(close, at + open.length);
    if (end < 0) break;
    parts.push(text.slice(from, at), " ".repeat(end + close.length - at));
    from = end + close.length;
  }
  return parts.join("") + text.slice(from);
}
