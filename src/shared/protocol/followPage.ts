/** The link between the extension host and the view that follows the active image. */
import type { RankedImage, SimilarResult } from "../results.ts";
import type { PageThumbnail, QueryImage } from "./page.ts";

export interface FollowState {
  /** The active image; null until there was one. */
  readonly image: QueryImage | null;
  /** Name of the indexed folder. */
  readonly folder: string;
  /** The images that are most alike, by branch name and `combined`; empty before the first answer. */
  readonly lists: Readonly<Record<string, readonly RankedImage[]>>;
  /** As in `SimilarResult`. */
  readonly chance: SimilarResult["chance"];
  readonly searching: boolean;
  /** Why there are none, or why they are not those of the image; in the user's language. */
  readonly problem: string | null;
  /** The folder could be indexed. */
  readonly mayIndex: boolean;
}

export interface FollowRequests {
  ready: {
    params: Record<string, never>;
    result: FollowState;
  };
  /** `path` as it stands in the state. */
  thumbnail: { params: { path: string; size: number }; result: PageThumbnail };
  open: { params: { path: string; mode: "preview" | "keep" }; result: null };
  /** Opens the panel on the image. */
  findSimilar: { params: { path: string }; result: null };
  indexFolder: { params: Record<string, never>; result: null };
}

export interface FollowNotifications {
  state: FollowState;
}
