import type { PageQuery, PageRequests, SimilarState } from "../../src/shared/index.ts";
import type { LoadedThumbnail, ThumbnailStore } from "../thumbnailStore.ts";
import type { ShownColumn, ViewOptions } from "./filters.ts";
import type { PageState } from "./pageState.ts";

/** What the actions of the page's parts need of the page. */
export interface ActionsPage {
  ask<M extends keyof PageRequests>(method: M, params: PageRequests[M]["params"]): Promise<PageRequests[M]["result"]>;
  state(): SimilarState;
  /** As the page will ask it. */
  query(): PageQuery;
  /** Number of the example in the large picture. */
  looked(): number;
  selected(): string | null;
  options(): ViewOptions;
  columns(): readonly ShownColumn[];
  thumbnails(): ThumbnailStore;
  /** Asks another query. @param delay milliseconds without another change */
  change(changes: Partial<PageQuery>, delay: number): void;
  show(change: { readonly looked?: number; readonly querySize?: LoadedThumbnail }): void;
  /** Changes what outlives the page. */
  keep(change: Partial<PageState>): void;
}
