import type { PageRequests, SimilarState } from "../../src/shared/index.ts";
import type { ThumbnailStore } from "../thumbnailStore.ts";
import { toCsv, toJson, toMarkdown } from "./exportResults.ts";
import { toPicture } from "./picture.ts";
import type { ExportKind } from "./tools.ts";
import type { Column } from "./viewModel.ts";

/** Where an export goes. */
interface ExportTarget {
  save(file: PageRequests["save"]["params"]): Promise<null>;
  copy(text: string): Promise<null>;
}

/** Hands the lists to the host as they are shown, as a file or for the clipboard. */
export async function exportAs(
  kind: ExportKind,
  columns: readonly Column[],
  state: SimilarState,
  thumbnails: ThumbnailStore,
  target: ExportTarget,
): Promise<void> {
  const name = `${state.query.name.replace(/\.[^.]*$/, "").slice(0, 150)}-similar`;
  switch (kind) {
    case "csv":
      await target.save({ name: `${name}.csv`, content: toCsv(columns, state) });
      break;
    case "json":
      await target.save({ name: `${name}.json`, content: toJson(columns, state) });
      break;
    case "markdown":
      await target.copy(toMarkdown(columns));
      break;
    case "png":
      await target.save({ name: `${name}.png`, content: await toPicture(state.query, columns, thumbnails) });
  }
}
