/** Whether nothing of that name is there, by the error of the file system. */
export function isMissing(error: unknown): boolean {
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
