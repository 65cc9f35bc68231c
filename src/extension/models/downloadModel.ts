import { basename } from "node:path/posix";
import * as vscode from "vscode";
import { type HubAccess, type HubChoice, type HubListing, type HubWeights, messageText } from "../../shared/index.ts";
import { askLine, askModal, tellError } from "../messages.ts";
import { pickRoot } from "../roots.ts";
import type { Services } from "../services.ts";
import { hubItems, licenceWarnings, weightsItems } from "./hubItems.ts";
import { askDescriptors, askName, askWords, offerUse } from "./modelInputs.ts";

/** Under which VS Code keeps the user's access token for the hub. */
const TOKEN = "lookalike.hub.token";

/** Asks for a network on a model hub, downloads it, and installs a model that is made of it. */
export async function downloadModel(services: Services): Promise<void> {
  const t = vscode.l10n.t;
  const { engine, models, similar } = services;
  const title = t("Download a model");
  const choice = await pickRepository(services, title);
  if (choice === undefined) return;
  const { repo } = choice;
  const listing = await look(services, repo);
  if (listing === undefined) return;
  if (listing.files.length === 0) {
    throw new Error(t("{0} has no safetensors or ONNX file. Choose another repository.", repo));
  }
  const file = await pickWeights(listing, choice);
  if (file === undefined || !(await agree(listing))) return;
  const size = file.text === null ? null : t("{0} MB more", megabytes(file.text.bytes));
  const words = await askWords(title, size);
  if (words === undefined) return;
  const text = words === "beside" && file.text !== null ? { text: file.text.path } : {};
  const descriptors = await askDescriptors(engine, title, { words: words === "beside" });
  if (descriptors === undefined) return;
  const taken = (await models.list(undefined)).map((model) => model.name);
  const name = await askName(nameFor(repo, file.path, descriptors), taken, title);
  if (name === undefined) return;
  const access = await hubAccess(services);
  const params = { repo, commit: listing.commit, path: file.path, name, descriptors, ...text, ...access };
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

/** One of the catalogue, or another repository by its name. */
async function pickRepository(
  { engine }: Services,
  title: string,
): Promise<Pick<HubChoice, "repo" | "file"> | undefined> {
  const t = vscode.l10n.t;
  const items = hubItems(await engine.request("hub/catalogue", {}), t);
  const picked = await vscode.window.showQuickPick(items, {
    title,
    placeHolder: t("A network on a model hub, by what it is good at"),
    matchOnDescription: true,
    matchOnDetail: true,
    ignoreFocusOut: true,
  });
  if (picked === undefined) return undefined;
  if (picked.choice !== null) return picked.choice;
  const typed = await askLine({
    title,
    prompt: t("Repository on the hub with an ONNX or a safetensors file, such as Xenova/dinov2-small"),
    placeHolder: "owner/model",
    ignoreFocusOut: true,
    validateInput: (text) =>
      /^[\w.-]+\/[\w.-]+$/.test(text.trim()) ? undefined : t("A repository is written owner/model."),
  });
  return typed === undefined ? undefined : { repo: typed.trim() };
}

/** Lists a repository; where the hub wants to know who asks, the user is asked for a token. @returns undefined where the user left */
async function look(services: Services, repo: string): Promise<HubListing | undefined> {
  const t = vscode.l10n.t;
  for (;;) {
    const access = await hubAccess(services);
    const answer = await withProgress(t("Looking into {0}", repo), (_, token) =>
      services.engine.request("hub/list", { repo, ...access }, token),
    );
    if (!("denied" in answer)) return answer;
    const give = t("Give an Access Token...");
    if ((await tellError(answer.denied, give)) !== give) return undefined;
    const typed = await askLine({
      title: repo,
      prompt: t(
        "An access token of your account on the hub. VS Code keeps it in its secret storage; it goes to the hub only",
      ),
      password: true,
      ignoreFocusOut: true,
    });
    if (typed === undefined || typed.trim() === "") return undefined;
    await services.context.secrets.store(TOKEN, typed.trim());
  }
}

/** Shown even where there is one file only: with its size, and the licence of the repository. */
async function pickWeights(listing: HubListing, { file }: Pick<HubChoice, "file">): Promise<HubWeights | undefined> {
  const t = vscode.l10n.t;
  const { repo, licence } = listing;
  const picked = await vscode.window.showQuickPick(weightsItems(listing.files, file, t), {
    title: repo,
    placeHolder:
      licence === "unknown"
        ? t("The repository states no licence. Choose the file to download")
        : t("Licence: {0}. Choose the file to download", licence),
    ignoreFocusOut: true,
  });
  return picked?.file;
}

/** Where a licence forbids products or has terms of its own, the user has to say that this is known. */
async function agree({ licences }: HubListing): Promise<boolean> {
  const t = vscode.l10n.t;
  const warnings = licenceWarnings(licences, t);
  if (warnings.length === 0) return true;
  const go = t("Download");
  const detail = warnings.map(messageText).join("\n");
  return (await askModal(t("Look at the licence first."), detail, go)) === go;
}

/** Most repositories call their file `model.safetensors`, so that their own name tells more. */
function nameFor(repo: string, path: string, descriptors: string): string {
  const file = basename(path).replace(/\.(safetensors|onnx)$/, "");
  const known = /^(model|vision_model)/.test(file) ? `${basename(repo)}${file.replace(/^(vision_)?model/, "")}` : file;
  return `${known}-${descriptors}`.toLowerCase();
}

/** The proxy of VS Code's settings and the token of its secrets; without them, the environment of the engine decides. */
async function hubAccess({ context }: Services): Promise<HubAccess> {
  const token = await context.secrets.get(TOKEN);
  const http = vscode.workspace.getConfiguration("http");
  const named: unknown = http.get("proxy");
  const proxy = http.get("proxySupport") === "off" || typeof named !== "string" ? "" : named.trim();
  return { ...(proxy === "" ? {} : { proxy }), ...(token === undefined ? {} : { token }) };
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
