/**
 * The link between the extension host and the similar page. The page holds no truth: the host sends the whole state,
 * the page asks and draws. Every message from the page is validated at the host.
 */
import type { IndexProgress, RankedImage, SimilarResult } from "../results.ts";

export interface SimilarState {
  readonly query: QueryImage;
  /** Name of the indexed folder, and how many images of it can be found. */
  readonly folder: { readonly name: string; readonly indexed: number };
  readonly device: string | null;
  /** null until the first answer. */
  readonly result: SimilarResult | null;
  /** The combined lists of several models instead of the lists of one; `result` is null then. */
  readonly comparison: readonly ComparedModel[] | null;
  /** A query is under way. */
  readonly searching: boolean;
  /** Indexing of the folder under way: the lists are of what is indexed so far. */
  readonly progress: IndexProgress | null;
  readonly notice: Notice | null;
}

export interface ComparedModel {
  /** Under which it is installed. */
  readonly name: string;
  /** Its combined list; null until its first answer. */
  readonly ranked: readonly RankedImage[] | null;
}

export interface QueryImage {
  readonly name: string;
  /** Relative to the folder with `/`, or absolute where it lies outside. */
  readonly path: string;
  /** Whether `path` is inside the folder. */
  readonly inside: boolean;
}

export interface Notice {
  readonly kind: "error" | "info";
  /** What happened, to which file, what to do next; already in the user's language. */
  readonly text: string;
  /** Buttons, primary first. */
  readonly actions: readonly NoticeAction[];
}

export type NoticeAction = "indexFolder" | "showLog" | "retry" | "cancelIndexing" | "endComparison";

export interface PageThumbnail {
  readonly bytes: Uint8Array;
  readonly width: number;
  readonly height: number;
}

export interface PageStart {
  readonly state: SimilarState;
  /** What the page shows, by English text. */
  readonly strings: Readonly<Record<string, string>>;
  /** To be kept with the page's own state: the host finds the query again in it after a reload of the window. */
  readonly saved: SavedQuery;
}

export interface SavedQuery {
  /** Absolute paths. */
  readonly folder: string;
  readonly image: string;
}

export interface PageRequests {
  /** First message of the page. */
  ready: { params: Record<string, never>; result: PageStart };
  /** `path` as it stands in the state or in a result. */
  thumbnail: { params: { path: string; size: number }; result: PageThumbnail };
  /** `preview` reuses the preview editor, `keep` opens an editor that stays. */
  open: { params: { path: string; mode: "preview" | "keep" }; result: null };
  action: { params: { action: NoticeAction }; result: null };
  /** Ask for lists of another length. */
  more: { params: { k: number }; result: null };
}

export interface PageNotifications {
  state: { readonly state: SimilarState; readonly saved: SavedQuery };
}
