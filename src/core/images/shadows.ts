/** Folders that a network disk, a Mac or a desktop keeps beside files: thumbnails, what was thrown away, snapshots. */
const FOLDERS: readonly (readonly [RegExp, string])[] = [
  [/^@eaDir$/i, "@eaDir"],
  [/^\.@__thumb$/i, ".@__thumb"],
  [/^\.thumbnails$/i, ".thumbnails"],
  [/^\$RECYCLE\.BIN$/i, "$RECYCLE.BIN"],
  [/^#recycle$/i, "#recycle"],
  [/^@Recycle$/i, "@Recycle"],
  [/^\.Trash(es|-.*)?$/i, ".Trash-*"],
  [/^\.AppleDouble$/i, ".AppleDouble"],
  [/^#snapshot$/i, "#snapshot"],
  [/^System Volume Information$/i, "System Volume Information"],
];

/** What a shadow folder is called, where a name is that of one. */
export function shadowFolder(name: string): string | undefined {
  return FOLDERS.find(([pattern]) => pattern.test(name))?.[1];
}

/** The same of a file: a Mac keeps attributes of `a.png` in `._a.png`, where the disk has no place for them. */
export function shadowFile(name: string): string | undefined {
  return name.startsWith("._") ? "._*" : undefined;
}
