import type { ColumnNotes } from "../../../shared/index.ts";
import { ImageNames } from "../match/imageNames.ts";
import { RowMatches } from "../match/rowMatches.ts";
import type { BoxesRequest, BoxRow } from "./boxRow.ts";

/** Gives boxes to the images that their rows name, and counts what could not be given. */
export class BoxCollector {
  readonly rows: BoxRow[] = [];
  readonly names: ImageNames;
  readonly #images: number;
  readonly #found = new Set<number>();
  readonly #matches: RowMatches<Omit<BoxRow, "image">>;

  constructor({ file, images, folder }: BoxesRequest) {
    this.#images = images.length;
    this.names = new ImageNames(images, folder, file);
    this.#matches = new RowMatches(this.names, images.length, (image, row) => {
      this.#found.add(image);
      this.rows.push({ image, ...row });
    });
  }

  /** @param name what the row calls its image */
  add(name: string, row: Omit<BoxRow, "image">): void {
    this.#matches.add(name, row);
  }

  /**
   * To be called after the last row.
   * @param read what the reading of the file itself says
   */
  end(read: Pick<ColumnNotes, "oddLines" | "windows1252" | "taken">): ColumnNotes {
    this.#matches.end();
    const { unknown, ambiguous, assumed } = this.#matches;
    return {
      images: this.#images,
      matched: this.#found.size,
      unknown,
      ambiguous,
      assumed,
      repeated: 0,
      contradictory: { count: 0, first: [] },
      ...read,
    };
  }
}
