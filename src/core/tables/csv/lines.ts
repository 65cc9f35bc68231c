import { TableError } from "../errors.ts";

const LINE_END = /\r\n|\r|\n/;

/**
 * Number of line ends of a text.
 * @param text whole, so that no `\r\n` is cut in two
 */
export function lineEnds(text: string): number {
  if (!text.includes("\n") && !text.includes("\r")) return 0;
  return text.split(LINE_END).length - 1;
}

/** A text without its first `count` lines. */
export async function* withoutLines(chunks: AsyncIterable<string>, count: number): AsyncGenerator<string> {
  let left = count;
  const end = new RegExp(LINE_END, "g");
  for await (const chunk of wholeEnds(chunks)) {
    let at = 0;
    while (left > 0) {
      end.lastIndex = at;
      if (end.exec(chunk) === null) break;
      at = end.lastIndex;
      left--;
    }
    if (left === 0 && at < chunk.length) yield chunk.slice(at);
  }
}

/** The first line of a text, without its end. */
export async function firstLine(chunks: AsyncIterable<string>): Promise<string> {
  let line = "";
  for await (const chunk of chunks) {
    line += chunk;
    const end = /[\r\n]/.exec(line);
    if (end !== null) return line.slice(0, end.index);
  }
  return line;
}

/** @throws TableError at a line of more than `most` characters, before it is held as a whole */
export async function* withShortLines(
  chunks: AsyncIterable<string>,
  most: number,
  file: string,
): AsyncGenerator<string> {
  let length = 0;
  for await (const chunk of chunks) {
    for (const [i, part] of chunk.split(/[\r\n]/).entries()) {
      length = (i === 0 ? length : 0) + part.length;
      if (length > most) {
        throw new TableError(
          `${file} has a line of more than ${most / 1e6} million characters, so it is no table of images.`,
        );
      }
    }
    yield chunk;
  }
}

/** The same text in chunks of which none ends between `\r` and `\n`. */
async function* wholeEnds(chunks: AsyncIterable<string>): AsyncGenerator<string> {
  let kept = "";
  for await (const chunk of chunks) {
    const text = kept + chunk;
    kept = text.endsWith("\r") ? "\r" : "";
    yield kept === "" ? text : text.slice(0, -1);
  }
  if (kept !== "") yield kept;
}
