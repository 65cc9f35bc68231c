import { isAbsolute, join, relative } from "node:path";
import { filterWithin, folderNames, type QueryExample, type QueryImage } from "../../shared/index.ts";
import { type PanelQuery, queryImage } from "./query.ts";

/** Folders that are searched together. Of a file in one of them a page shows the folder's name, `/`, and the path in it. */
export class SearchedRoots {
  /** Absolute paths. */
  readonly folders: readonly string[];
  /** By folder. */
  readonly names: Readonly<Record<string, string>>;

  constructor(folders: readonly string[]) {
    this.folders = folders;
    this.names = folderNames(folders);
  }

  /** How an image of a query is shown. @param image absolute path */
  shown(image: string): QueryImage {
    // Folders of a window may lie in each other.
    const own = this.folders
      .filter((folder) => isInside(folder, image))
      .reduce<string | undefined>((best, folder) => (folder.length > (best?.length ?? 0) ? folder : best), undefined);
    if (own === undefined) return { ...queryImage(this.folders[0] ?? image, image), path: image, inside: false };
    const { name, path } = queryImage(own, image);
    return { name, path: `${this.names[own]}/${path}`, inside: true };
  }

  /** The file behind a path that a page shows: one of the examples, or inside a folder; undefined for any other. */
  resolve(examples: readonly QueryExample[], path: string): string | undefined {
    const example = examples.find(({ image }) => this.shown(image).path === path);
    if (example !== undefined) return example.image;
    const found = this.split(path);
    if (found === undefined || found.path.split(/[\\/]/).includes("..")) return undefined;
    return join(found.folder, found.path);
  }

  /** @returns the folder of a path that a page shows, and the path in it; undefined where it begins with no folder's name */
  split(path: string): { readonly folder: string; readonly path: string } | undefined {
    const slash = path.indexOf("/");
    const folder = this.folders.find((each) => this.names[each] === path.slice(0, slash));
    return slash < 1 || folder === undefined ? undefined : { folder, path: path.slice(slash + 1) };
  }

  /**
   * The same query of all folders, or of one. A filter on a folder goes along only where it still makes sense.
   * @param folder absolute path of the one
   */
  scoped(query: PanelQuery, folder: string, across: boolean): PanelQuery {
    if (query.across === across) return query;
    const { folder: _, ...others } = query.filter;
    const filter = across ? others : (filterWithin(this.names[folder] ?? "", query.filter) ?? others);
    return { ...query, filter, across };
  }
}

function isInside(folder: string, image: string): boolean {
  const path = relative(folder, image);
  return path !== "" && !path.startsWith("..") && !isAbsolute(path);
}
