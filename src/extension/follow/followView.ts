import * as vscode from "vscode";
import type { FollowRequests, Handlers } from "../../shared/index.ts";
import { visibleImage } from "../activeImage.ts";
import type { EngineClient } from "../engine/engineClient.ts";
import { loggedFailure } from "../failures.ts";
import { folderStatus } from "../folderStatus.ts";
import { COMMANDS } from "../ids.ts";
import { checkedHandlers } from "../pages/checked.ts";
import { openPage } from "../pages/openPage.ts";
import { pageThumbnail } from "../pages/thumbnail.ts";
import { folderOfImage } from "../roots.ts";
import { indexSettings } from "../settings.ts";
import type { SimilarPanels } from "../similar/similarPanels.ts";
import { FollowSession } from "./followSession.ts";
import { FOLLOW_PARAMS } from "./pageMessages.ts";
import { followStrings } from "./pageStrings.ts";

export interface FollowParts {
  readonly context: vscode.ExtensionContext;
  readonly log: vscode.LogOutputChannel;
  readonly engine: EngineClient;
  readonly similar: SimilarPanels;
}

/** Fills the view with the neighbours of whatever image is open in the active editor; a hidden view asks nothing. */
export function fillFollowView(view: vscode.WebviewView, parts: FollowParts): FollowSession {
  const { context, log, engine } = parts;
  const t = vscode.l10n.t;
  const session = new FollowSession({
    status: (folder) => folderStatus(engine, folder),
    similar: (folder, query) => engine.request("image/similar", { folder, ...query, ...indexSettings() }),
    failureText: (error) => loggedFailure(log, error),
    texts: {
      none: t("Open an image, and its look-alikes are shown here."),
      notIndexed: (folder) => t("{0} is not indexed yet.", folder),
      alone: t("There is no other image in the folder."),
    },
    changed: (state) => {
      if (view.visible) void connection.sendNotification("state", state);
    },
  });
  const connection = openPage(view.webview, context.extensionUri, "follow", handlers(session, parts), followStrings());
  const follow = () => {
    // At the start, and where the focus is elsewhere, an image that another column shows.
    const image = view.visible ? visibleImage() : undefined;
    const folder = image?.scheme === "file" ? folderOfImage(image) : undefined;
    if (image !== undefined && folder !== undefined) session.follow(folder, image.fsPath);
  };
  const listeners = [
    vscode.window.tabGroups.onDidChangeTabs(follow),
    vscode.window.tabGroups.onDidChangeTabGroups(follow),
    view.onDidChangeVisibility(follow),
  ];
  view.onDidDispose(() => {
    for (const listener of listeners) listener.dispose();
    session.dispose();
    connection.dispose();
  });
  follow();
  return session;
}

function handlers(session: FollowSession, { engine, log, similar }: FollowParts): Handlers<FollowRequests, unknown> {
  const checked = checkedHandlers<FollowRequests>(FOLLOW_PARAMS, log);
  const resolve = (path: string) => {
    const shown = session.resolve(path);
    if (shown === undefined) throw new Error(`${path} is not shown.`);
    return shown;
  };
  const folder = (): string => session.target?.folder ?? "";
  return {
    ready: checked("ready", async () => session.state),
    thumbnail: checked("thumbnail", ({ path, size }) => pageThumbnail(engine, { ...resolve(path), size })),
    open: checked("open", async ({ path, mode }) => {
      await vscode.commands.executeCommand("vscode.open", vscode.Uri.file(resolve(path).image), {
        preview: mode === "preview",
        preserveFocus: mode === "preview",
      } satisfies vscode.TextDocumentShowOptions);
      return null;
    }),
    findSimilar: checked("findSimilar", async ({ path }) => {
      const shown = resolve(path);
      await similar.show(shown.folder, shown.image);
      return null;
    }),
    indexFolder: checked("indexFolder", async () => {
      void vscode.commands.executeCommand(COMMANDS.indexFolder, vscode.Uri.file(folder()));
      return null;
    }),
  };
}
