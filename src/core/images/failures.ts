/** A file that cannot be read or decoded as an image; `message` is the reason in plain words. */
export class ImageError extends Error {
  override readonly name = "ImageError";
  /** Whether the same file, unchanged, may be fine later: it could not be read, as opposed to decoded. */
  readonly retry: boolean;

  constructor(reason: string, options: ErrorOptions & { retry?: boolean } = {}) {
    super(reason, options);
    this.retry = options.retry ?? false;
  }
}

/** Whether a file or folder is simply not there any more. */
export function isGone(error: unknown): boolean {
  if (error instanceof ImageError) return isGone(error.cause);
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}

/** Why a file or folder could not be read, in plain words, from the error of the file system. */
export function readFailure(error: unknown): string {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  switch (code) {
    case "EACCES":
    case "EPERM":
      return "no permission to read it";
    case "ENOENT":
      return "the file is gone, or a link to it leads nowhere";
    case "ELOOP":
      return "a link that leads back to itself";
    case "EMFILE":
    case "ENFILE":
      return "too many open files; try again";
    default:
      return `cannot be read (${error instanceof Error ? error.message : String(error)})`;
  }
}

/** Why an image could not be decoded, in plain words, from the error of sharp. */
export function decodeFailure(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  if (/Input Buffer is empty/i.test(message)) return "the file is empty";
  if (/unsupported image format/i.test(message)) return "not an image, or of a format that is not supported";
  if (/exceeds pixel limit/i.test(message)) return "too large: more than 268 megapixels";
  const detail = message.split("\n").find((line) => line.trim() !== "") ?? message;
  return `damaged: ${detail.trim()}`;
}
