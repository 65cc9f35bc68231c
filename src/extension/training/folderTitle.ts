import { basename, relative, sep } from "node:path";

/** What the folder of a training is called: with the indexed folder before it that it lies in. Both are absolute paths. */
export function folderTitle(root: string, folder: string): string {
  const inside = relative(root, folder).split(sep).join("/");
  return inside === "" || inside.startsWith("..") ? basename(folder) : `${basename(root)}/${inside}`;
}
