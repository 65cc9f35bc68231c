import { basename, dirname } from "node:path";
import * as vscode from "vscode";
import type { PictureRequests } from "../../shared/index.ts";
import type { EngineClient } from "../engine/engineClient.ts";
import { loggedFailure } from "../failures.ts";
import { checkedHandlers } from "../pages/checked.ts";
import { openPage } from "../pages/openPage.ts";
import { indexSettings } from "../settings.ts";
import { PICTURE_PARAMS } from "./pageMessages.ts";
import { pictureStrings } from "./pageStrings.ts";

export interface PictureParts {
  readonly context: vscode.ExtensionContext;
  readonly log: vscode.LogOutputChannel;
  readonly engine: EngineClient;
}

/** Shows one image in its editor: the page asks for that image and for nothing else. */
export function showPicture(file: vscode.Uri, panel: vscode.WebviewPanel, parts: PictureParts): void {
  const { context, log, engine } = parts;
  const checked = checkedHandlers<PictureRequests>(PICTURE_PARAMS, log);
  const connection = openPage<PictureRequests>(
    panel.webview,
    context.extensionUri,
    "picture",
    {
      ready: checked("ready", async () => ({ name: basename(file.fsPath) })),
      thumbnail: checked("thumbnail", async ({ size }) => {
        try {
          const { decodeSeconds } = indexSettings();
          const picture = await engine.request("image/picture", { image: file.fsPath, size, decodeSeconds });
          // Process IPC delivers a Buffer, which VS Code would send to the page as a list of numbers.
          return { ...picture, bytes: Uint8Array.from(picture.bytes) };
        } catch (error) {
          throw new Error(loggedFailure(log, error));
        }
      }),
    },
    pictureStrings(),
  );
  const watcher = vscode.workspace.createFileSystemWatcher(
    new vscode.RelativePattern(vscode.Uri.file(dirname(file.fsPath)), basename(file.fsPath)),
  );
  const changed = () => void connection.sendNotification("changed", {});
  const listeners = [watcher, watcher.onDidChange(changed), watcher.onDidCreate(changed)];
  panel.onDidDispose(() => {
    for (const listener of listeners) listener.dispose();
    connection.dispose();
  });
}
