import { isMissing } from "../files/index.ts";

/** A file that cannot be read or decoded as an image; `message` is the reason in plain words. */
export class ImageError extends Error {
  override readonly name = "ImageError";
  /** Whether the same file, unchanged, may be fine later: it could not be read, as opposed to decoded. */
  readonly retry: boolean;
  /** The name of its kind, where that is one that is not read: nothing is wrong with the file. */
  readonly kind: string | undefined;

  constructor(reason: string, options: ErrorOptions & { retry?: boolean; kind?: string } = {}) {
    super(reason, options);
    this.retry = options.retry ?? false;
    this.kind = options.kind;
  }
}

/** A file of a kind that is not read. @param kind its true name, by its bytes */
export function notRead(kind: string): ImageError {
  return new ImageError(`${kind}: a kind that is not read`, { kind });
}

/** Whether a file or folder is simply not there any more. */
export function isGone(error: unknown): boolean {
  if (error instanceof ImageError) return isGone(error.cause);
  return isMissing(error);
}

/**
 * Why a file or folder that was listed is not there: bytes of its name that are no UTF-8 came out as replacement
 * characters, and by that name nobody can open it.
 */
export function nameFailure(path: string): string | undefined {
  return path.includes("\ufffd") ? "its name is not UTF-8, so it cannot be opened; rename it" : undefined;
}

export const TOO_LARGE = "too large: more than 268 megapixels";

/** Why an image could not be decoded, in plain words, from the error of sharp. @param kind what its first bytes say that it is */
export function decodeFailure(error: unknown, kind: string | undefined): string {
  const message = error instanceof Error ? error.message : String(error);
  if (/Input Buffer is empty/i.test(message)) return "the file is empty";
  if (/unsupported image format/i.test(message)) {
    return kind === undefined ? "not an image, or of a format that is not supported" : `damaged: no whole ${kind}`;
  }
  if (/exceeds pixel limit/i.test(message)) return TOO_LARGE;
  const detail = message
    .split("\n")
    .map(withoutOrigin)
    .find((line) => line !== "" && !TELLS_NOTHING.test(line));
  return detail === undefined ? `damaged: no whole ${kind ?? "image"}` : `damaged: ${detail}`;
}

/** What the decoder says where it knows no more than that it failed. */
const TELLS_NOTHING = /^(unknown error|warning treated as error.*)$/i;

/** A line of the decoder's without the names of its own parts before it. */
function withoutOrigin(line: string): string {
  return line
    .slice(0, 300)
    .replace(/^\s*(?:(?:input (?:buffer|file) has corrupt header|vips\w+|\w+2vips|\w+load\w*|source):\s*)+/i, "")
    .replace(/^(?:glib|webp):\s*/, "")
    .replace(/^XML parse error: Error domain \d+ code \d+ on (line \d+) column \d+ of data:\s*/, "no XML in $1: ")
    .trim();
}
