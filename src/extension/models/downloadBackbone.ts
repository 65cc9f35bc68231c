import { basename } from "node:path/posix";
import * as vscode from "vscode";
import { type HubAccess, type HubListing, type HubWeights, messageText } from "../../shared/index.ts";
import { pickRoot } from "../roots.ts";
import type { Services } from "../services.ts";
import { askDescriptors, askName, offerUse } from "./modelInputs.ts";

/** Asks for weights on a model hub, downloads them, and installs a model that is built on them. */
export async function downloadBackbone(services: Services): Promise<void> {
  const t = vscode.l10n.t;
  const { engine, models, similar } = services;
  const title = t("Download a backbone");
  const repo = await pickRepository(services, title);
  if (repo === undefined) return;
  const listing = await withProgress(t("Looking into {0}", repo), (_, token) =>
    engine.request("hub/list", { repo, ...hubAccess() }, token),
  );
  if (listing.files.length === 0) {
    throw new Error(t("{0} has no safetensors file. Choose another repository.", repo));
  }
  const file = await pickWeights(listing);
  if (file === undefined) return;
  const descriptors = await askDescriptors(engine, title);
  if (descriptors === undefined) return;
  const taken = (await models.list(undefined)).map((model) => model.name);
  const name = await askName(nameFor(repo, file.path, descriptors), taken, title);
  if (name === undefined) return;
  const params = { repo, commit: listing.commit, path: file.path, name, descriptors, ...hubAccess() };
  const installed = await withProgress(t("Downloading {0} of {1}", file.path, repo), async (progress, token) => {
    let percent = 0;
    const listener = models.onTransfer(({ repo: from, path, done, total }) => {
      if (from !== repo || path !== file.path || total === 0) return;
      const now = (100 * done) / total;
      progress.report({ increment: now - percent, message: t("{0} of {1} MB", megabytes(done), megabytes(total)) });
      percent = now;
    });
    try {
      return await engine.request("hub/install", params, token);
    } finally {
      listener.dispose();
    }
  });
  await offerUse(services, installed, similar.current?.session.folder ?? (await pickRoot()));
}

/** One of the known repositories, or another one by its name. */
async function pickRepository({ engine }: Services, title: string): Promise<string | undefined> {
  const t = vscode.l10n.t;
  const known = Object.entries(await engine.request("hub/backbones", {}));
  const other = { label: `$(edit) ${t("Another repository...")}`, description: "", alwaysShow: true };
  const items = known.map(([label, description]) => ({ label, description }));
  const picked = await vscode.window.showQuickPick([...items, other], {
    title,
    placeHolder: t("A network; its weights are downloaded from a model hub"),
    ignoreFocusOut: true,
  });
  if (picked !== other) return picked?.description;
  const typed = await vscode.window.showInputBox({
    title,
    prompt: t("Repository on the hub with a ResNet in a safetensors file, such as timm/resnet50.a1_in1k"),
    placeHolder: "owner/model",
    ignoreFocusOut: true,
    validateInput: (text) =>
      /^[\w.-]+\/[\w.-]+$/.test(text.trim()) ? undefined : t("A repository is written owner/model."),
  });
  return typed?.trim();
}

/** Shown even where there is one file only: with its size, and the licence of the repository. */
async function pickWeights({ repo, licence, files }: HubListing): Promise<HubWeights | undefined> {
  const t = vscode.l10n.t;
  const items = files.map((file) => ({ label: file.path, description: t("{0} MB", megabytes(file.bytes)), file }));
  const picked = await vscode.window.showQuickPick(items, {
    title: repo,
    placeHolder:
      licence === "unknown"
        ? t("The repository states no licence. Choose the file to download")
        : t("Licence: {0}. Choose the file to download", licence),
    ignoreFocusOut: true,
  });
  return picked?.file;
}

/** Most repositories call their file `model.safetensors`, so that their own name tells more. */
function nameFor(repo: string, path: string, descriptors: string): string {
  const file = basename(path, ".safetensors");
  return `${file === "model" ? basename(repo) : file}-${descriptors}`.toLowerCase();
}

/** The proxy of VS Code's settings; without one, the environment of the engine decides. */
function hubAccess(): HubAccess {
  const http = vscode.workspace.getConfiguration("http");
  const proxy = http.get<string>("proxySupport") === "off" ? "" : http.get<string>("proxy", "").trim();
  return proxy === "" ? {} : { proxy };
}

function withProgress<T>(
  title: string,
  work: (
    progress: vscode.Progress<{ message?: string; increment?: number }>,
    token: vscode.CancellationToken,
  ) => Thenable<T>,
): Thenable<T> {
  const location = vscode.ProgressLocation.Notification;
  return vscode.window.withProgress({ location, title: messageText(title), cancellable: true }, work);
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1);
}
