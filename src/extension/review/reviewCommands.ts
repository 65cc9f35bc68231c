import { basename, relative, sep } from "node:path";
import * as vscode from "vscode";
import { type ReviewKind, visible } from "../../shared/index.ts";
import { tell } from "../messages.ts";
import { requireRoot } from "../roots.ts";
import type { Services } from "../services.ts";
import { tellLeft } from "./putAway.ts";

/** Lists duplicates or suspicious labels of a folder: the one that was clicked, else the workspace folder. */
export async function review({ reviews, tables }: Services, kind: ReviewKind, uri: unknown): Promise<void> {
  const clicked = uri instanceof vscode.Uri ? uri : undefined;
  const folder = await requireRoot(clicked);
  const under = clicked === undefined ? "" : relative(folder, clicked.fsPath).split(sep).join("/");
  reviews.show({ kind, folder, under, labels: tables.labels(folder) });
}

/** Moves everything that was put away of a folder back to where it was. */
export async function takeBackCopies({ engine, log, reviews }: Services, uri: unknown): Promise<void> {
  const t = vscode.l10n.t;
  const folder = uri instanceof vscode.Uri ? uri.fsPath : await requireRoot();
  const result = await engine.request("folder/takeBack", { folder });
  tellLeft(result, log);
  const { length } = result.moved;
  if (length > 0) reviews.renew(folder);
  if (length === 0 && result.left.length > 0) return;
  void tell(
    length === 0
      ? t("Lookalike: nothing of {0} is put away.", visible(basename(folder)))
      : length === 1
        ? t("Lookalike: one file is back where it was.")
        : t("Lookalike: {0} files are back where they were.", length.toLocaleString()),
  );
}
