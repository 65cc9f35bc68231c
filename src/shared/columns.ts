/** Values that images can be coloured by: one per image of a projection, in its order of rows. */
export type ImageColumn =
  | {
      readonly kind: "number";
      /** What the numbers are: milliseconds since 1970, a share 0..1, square pixels; null for whatever a table holds. */
      readonly unit: "date" | "share" | "pixels" | null;
      /** float64 `[count]`; NaN where there is no value. */
      readonly values: Float64Array;
      /** Where the value depends on the descriptor: float64 `[count]` by branch name and `combined`, which go before `values`. */
      readonly byMap: Readonly<Record<string, Float64Array>> | null;
    }
  | {
      readonly kind: "category";
      /** The most frequent first. */
      readonly names: readonly string[];
      /** int32 `[count]`: index into `names`; -1 where there is no value. */
      readonly codes: Int32Array;
    };

/** Labels of images: at most one each. */
export type LabelColumn = Extract<ImageColumn, { readonly kind: "category" }>;

/** The labels of a folder's images, counted. */
export interface LabelFacets {
  /** The most frequent first, at most 10,000 of them, each with its number of images. */
  readonly labels: readonly { readonly label: string; readonly images: number }[];
  /** Labels beyond those, and their images. */
  readonly others: { readonly labels: number; readonly images: number };
  /** Images without a label. */
  readonly unlabelled: number;
  /** What the table lacks; null where labels are folders. */
  readonly notes: ColumnNotes | null;
  /** Folders that are taken for the parts of a split, and so for no labels. */
  readonly split: readonly string[];
}

/** How many there are, and the first few of them. */
export interface Some<T> {
  readonly count: number;
  readonly first: readonly T[];
}

/** What a column of a table lacks, and what was assumed to read it. */
export interface ColumnNotes {
  /** Images of the projection or of the folder, and how many of them the table has a row for. */
  readonly images: number;
  readonly matched: number;
  /** Paths of the table that are none of these images. */
  readonly unknown: Some<string>;
  /** Paths that several of these images may be, or several of which may be one of them: they are nobody's. */
  readonly ambiguous: Some<string>;
  /** Rows that were given to an image by less than its path, by what. */
  readonly assumed: {
    /** Letters in another form: composed or decomposed, in another case, as in an address (`%20`). */
    readonly letters: number;
    /** A file name that only one image has. */
    readonly name: number;
    /** A file name without its ending that only one image has. */
    readonly stem: number;
    /** The longest end of a path of another place that only one image has. */
    readonly end: number;
  };
  /** Images with several rows. */
  readonly repeated: number;
  /** Those of them whose rows have different values: they have all of them for a filter, and none where one is needed. */
  readonly contradictory: Some<string>;
  /** Lines with odd quoting or another number of fields, from 1. */
  readonly oddLines: Some<number>;
  /** The file is no UTF-8, and was read as Windows-1252. */
  readonly windows1252: boolean;
  /** Columns that were taken for the wanted ones: the one of the values by its name in another case, the one of the images by
   * what it holds; null where they are as asked for. And the names that the file gives to several columns, of which the first was taken. */
  readonly taken: {
    readonly column: string | null;
    readonly images: string | null;
    readonly firstOf: readonly string[];
  };
}

/** A CSV or Parquet file, and what images can be coloured by in it. */
export interface TableSummary {
  /** Absolute path. */
  readonly file: string;
  /** Without the one that names the images. */
  readonly columns: readonly string[];
  /** Why it cannot be used; null where it can. */
  readonly problem: string | null;
}

/** A column of a table. */
export interface TableColumn {
  /** Absolute path. */
  readonly file: string;
  readonly column: string;
}

/** What images are coloured by, beside their folder. */
export type ColumnChoice =
  | { readonly kind: "pixels" }
  | { readonly kind: "modified" }
  /** How much the nearest images differ between two descriptors: 1 - Jaccard of the k nearest. */
  | { readonly kind: "moved"; readonly one: string; readonly other: string; readonly k: number }
  /** Share of the k nearest images with the same label, in each map's own descriptor space; labels are folders where null. */
  | { readonly kind: "agreement"; readonly labels: TableColumn | null; readonly k: number }
  | ({ readonly kind: "table" } & TableColumn);
