import * as vscode from "vscode";
import { type FollowRequests, type Handlers, serve } from "../../shared/index.ts";
import { activeImage } from "../activeImage.ts";
import type { EngineClient } from "../engine/engineClient.ts";
import { failureText } from "../failures.ts";
import { COMMANDS } from "../ids.ts";
import { checkedHandlers } from "../pages/checked.ts";
import { pageHtml } from "../pages/pageHtml.ts";
import { connectPage } from "../pages/pageLink.ts";
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
  view.webview.options = {
    enableScripts: true,
    localResourceRoots: [vscode.Uri.joinPath(context.extensionUri, "dist", "webview")],
  };
  const connection = connectPage(view.webview);
  const session = new FollowSession({
    status: (folder) => engine.request("folder/status", { folder, ...indexSettings() }),
    similar: (folder, query) => engine.request("image/similar", { folder, ...query, ...indexSettings() }),
    failureText(error) {
      log.error(error instanceof Error ? error : String(error));
      return failureText(error);
    },
    texts: {
      none: t("Open an image, and its look-alikes are shown here."),
      notIndexed: (folder) => t("{0} is not indexed yet.", folder),
      alone: t("There is no other image in the folder."),
    },
    changed: (state) => {
      if (view.visible) void connection.sendNotification("state", state);
    },
  });
  serve(connection, handlers(session, parts));
  connection.listen();
  view.webview.html = pageHtml(view.webview, context.extensionUri, "follow");
  const follow = () => {
    const image = view.visible ? activeImage() : undefined;
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
  const resolve = (path: string): string => {
    const image = session.resolve(path);
    if (image === undefined) throw new Error(`${path} is not in the indexed folder.`);
    return image;
  };
  const folder = (): string => session.target?.folder ?? "";
  return {
    ready: checked("ready", async () => ({ state: session.state, strings: followStrings() })),
    thumbnail: checked("thumbnail", async ({ path, size }) => {
      const params = { folder: folder(), image: resolve(path), size, ...indexSettings() };
      const thumbnail = await engine.request("image/thumbnail", params);
      // Process IPC delivers a Buffer, which VS Code would send to the page as a list of numbers.
      return { ...thumbnail, bytes: Uint8Array.from(thumbnail.bytes) };
    }),
    open: checked("open", async ({ path, mode }) => {
      await vscode.commands.executeCommand("vscode.open", vscode.Uri.file(resolve(path)), {
        preview: mode === "preview",
        preserveFocus: mode === "preview",
      } satisfies vscode.TextDocumentShowOptions);
      return null;
    }),
    findSimilar: checked("findSimilar", async ({ path }) => {
      await similar.show(folder(), resolve(path));
      return null;
    }),
    indexFolder: checked("indexFolder", async () => {
      void vscode.commands.executeCommand(COMMANDS.indexFolder, vscode.Uri.file(folder()));
      return null;
    }),
  };
}
