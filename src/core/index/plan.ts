import { PARTIAL_KIND } from "../../shared/index.ts";
import type { FoundImage } from "../images/index.ts";
import type { RecordState, SkippedRecord } from "./store.ts";

/** What has to be done to bring a store up to date with the files. */
export interface Plan {
  /**
   * Files to be looked into, in the order of their paths. Those that may have been moved, by their size, come first:
   * once they are recognised, their old records can go.
   */
  readonly work: readonly FoundImage[];
  /** How many of `work` may have been moved. */
  readonly candidates: number;
  /** Paths of `work` that are known under another time or size. */
  readonly changed: ReadonlySet<string>;
  /** How many images the store knew. */
  readonly known: number;
  /** Images of the store that are no image files any more. */
  readonly gone: readonly RecordState[];
  /** The same of skipped files. */
  readonly goneSkipped: readonly SkippedRecord[];
  readonly unchanged: number;
  /** Of the unchanged ones: those whose records have no change time yet. */
  readonly unfilled: readonly FoundImage[];
  /** Could not be decoded, and have not changed since. */
  readonly stillSkipped: readonly SkippedRecord[];
}

export interface PlannerOptions {
  /** Everything is to be embedded again, whatever is known of it. */
  readonly again?: boolean;
  /** Paths of skipped files that were tried just now: they are not looked into again even so. */
  readonly tried?: ReadonlySet<string>;
  /** Paths of images that are known to be read in part, where such images are to be left out. */
  readonly leftOut?: ReadonlySet<string> | undefined;
}

/**
 * Compares files with records, one file at a time, and holds only what differs. A file counts as unchanged when its times
 * and size are: a program can put back the time of the content, but not that of the change. The records must be older than the listing of the files, or what another process adds meanwhile would
 * look as if it had no file.
 */
export class Planner {
  readonly #known: Map<string, RecordState>;
  readonly #knownCount: number;
  readonly #skips: Map<string, SkippedRecord>;
  readonly #again: boolean;
  readonly #tried: ReadonlySet<string>;
  readonly #leftOut: ReadonlySet<string> | undefined;
  readonly #added: FoundImage[] = [];
  readonly #changed: FoundImage[] = [];
  readonly #stillSkipped: SkippedRecord[] = [];
  readonly #unfilled: FoundImage[] = [];
  #unchanged = 0;

  constructor(
    known: readonly RecordState[],
    skipped: readonly SkippedRecord[],
    { again = false, tried = new Set(), leftOut }: PlannerOptions = {},
  ) {
    this.#known = new Map(known.map((record) => [record.path, record]));
    this.#knownCount = known.length;
    this.#skips = new Map(skipped.map((record) => [record.path, record]));
    this.#again = again;
    this.#tried = tried;
    this.#leftOut = leftOut;
  }

  see(image: FoundImage): void {
    const { path } = image;
    const record = this.#known.get(path);
    const skip = this.#skips.get(path);
    this.#known.delete(path);
    this.#skips.delete(path);
    if (this.#again && !this.#tried.has(path)) this.#added.push(image);
    else if (record !== undefined) {
      if (!sameState(record, image) || this.#leftOut?.has(path) === true) this.#changed.push(image);
      else {
        this.#unchanged++;
        if (record.ctimeMs === null) this.#unfilled.push(image);
      }
    } else if (skip !== undefined && sameState(skip, image) && !this.#isWantedAgain(skip)) {
      this.#stillSkipped.push(skip);
    } else this.#added.push(image);
  }

  /** Left out by a setting that does not hold any more. */
  #isWantedAgain({ kind }: SkippedRecord): boolean {
    return kind === PARTIAL_KIND && this.#leftOut === undefined;
  }

  /** @param unreadable files and folders that could not be looked at: what is known of them stays */
  finish(unreadable: readonly string[]): Plan {
    const isGone = ({ path }: RecordState) =>
      !unreadable.some((place) => path === place || path.startsWith(`${place}/`));
    const gone = [...this.#known.values()].filter(isGone);
    const sizes = new Set(gone.map((record) => record.size));
    const work = [...this.#added, ...this.#changed].sort((a, b) => (a.path < b.path ? -1 : 1));
    const candidates = this.#again ? [] : work.filter((image) => sizes.has(image.size));
    const others = candidates.length === 0 ? work : work.filter((image) => !sizes.has(image.size));
    return {
      work: [...candidates, ...others],
      candidates: candidates.length,
      changed: new Set(this.#changed.map((image) => image.path)),
      known: this.#knownCount,
      gone,
      goneSkipped: [...this.#skips.values()].filter(isGone),
      unchanged: this.#unchanged,
      unfilled: this.#unfilled,
      stillSkipped: this.#stillSkipped,
    };
  }
}

/** Whether times and size are the same; a change time that is not known is that of the other. */
export function sameState(a: Omit<RecordState, "path">, b: Omit<RecordState, "path">): boolean {
  const sameChange = a.ctimeMs === b.ctimeMs || a.ctimeMs === null || b.ctimeMs === null;
  return a.mtimeMs === b.mtimeMs && a.size === b.size && sameChange;
}
