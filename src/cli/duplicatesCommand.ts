import { type DuplicateGroup, type DuplicatesResult, type FilesMoved, visible } from "../shared/index.ts";
import { type IndexPlaceOptions, loadCore, withFolderIndex } from "./tools.ts";
import { untilStopped } from "./untilStopped.ts";

interface DuplicatesOptions extends IndexPlaceOptions {
  readonly threshold?: number;
  readonly json?: boolean;
  readonly putAway?: boolean;
}

/** `lookalike duplicates`: groups of what is indexed; it never starts indexing by itself, and deletes nothing. */
export function duplicatesCommand(folder: string, options: DuplicatesOptions): Promise<void> {
  return withFolderIndex(folder, options, async (index, core) => {
    const { threshold } = options;
    const result = await untilStopped(folder, index, options, (signal) =>
      core.findDuplicates(index.folder, index.source(), { threshold, signal }),
    );
    if (result === undefined) return;
    for (const { path, reason } of visible(result.skipped)) console.error(`Left out ${path}: ${reason}`);
    for (const { path, of } of visible(result.links)) console.error(`No copy: ${path} is a link to ${of}`);
    console.log(options.json ? JSON.stringify(result, null, 2) : describe(visible(result)));
    if (options.putAway !== true) return;
    const copies = result.groups.flatMap(({ images }) => images.slice(1).map(({ path }) => path));
    if (copies.length > 0) tellMoved("Put away", await core.putAway(index.folder, copies));
  });
}

/** `lookalike take-back`: moves back what was put away. */
export async function takeBackCommand(folder: string): Promise<void> {
  const result = await (await loadCore()).takeBack(folder);
  if (result.moved.length + result.left.length === 0) console.error(`Nothing of ${visible(folder)} is put away.`);
  else tellMoved("Taken back", result);
}

function tellMoved(what: string, { place, moved, left }: FilesMoved): void {
  console.error(`${what}: ${moved.length} (${visible(place)})`);
  for (const { path, reason } of visible(left)) console.error(`Not moved: ${path}: ${reason}`);
  if (left.length > 0) process.exitCode = 1;
}

function describe({ images, threshold, groups, perhaps }: DuplicatesResult): string {
  const extra = groups.reduce((sum, group) => sum + group.images.length - 1, 0);
  const unsure =
    perhaps.length === 0
      ? []
      : [
          "",
          `Perhaps the same, where one of the pictures is too small or too coarse to tell (not counted, never put away): ${perhaps.length}`,
        ];
  return [
    `${groups.length} group${groups.length === 1 ? "" : "s"} among ${images} images, ${extra} more than one of each (score ${threshold} and up)`,
    ...groups.flatMap(linesOf),
    ...unsure,
    ...perhaps.flatMap(linesOf),
  ].join("\n");
}

function linesOf(group: DuplicateGroup): string[] {
  return [
    "",
    ...group.images.map(({ path, width, height, bytes, score, identical }, i) => {
      const size = `${width} x ${height}, ${bytes} bytes`;
      return i === 0 ? `${path}  ${size}` : `  ${identical ? "same bytes" : score.toFixed(4)}  ${path}  ${size}`;
    }),
  ];
}
