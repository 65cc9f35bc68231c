/** Splits a file name for eliding in its middle: the end, with the number that often tells files apart, stays visible. */
export function splitName(name: string): readonly [start: string, end: string] {
  const keep = Math.min(10, Math.floor(name.length / 2));
  return [name.slice(0, name.length - keep), name.slice(name.length - keep)];
}

/** Time that is left, in the words of a person. */
export function timeLeft(seconds: number): { readonly text: "{0} s left" | "{0} min left"; readonly value: number } {
  return seconds < 90
    ? { text: "{0} s left", value: Math.max(1, Math.ceil(seconds)) }
    : { text: "{0} min left", value: Math.round(seconds / 60) };
}

/** The folder that holds a file, relative with `/`; empty at the top. In many data sets it is the label. */
export function folderOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf("/")));
}

/** A file with the folder that holds it: file names alone are often alike. */
export function shortPath(path: string): string {
  return path.split("/").slice(-2).join("/");
}
