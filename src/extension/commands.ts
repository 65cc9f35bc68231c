import { basename } from "node:path";
import * as v from "valibot";
import * as vscode from "vscode";
import {
  type Adaptation,
  descriptorStyles,
  IMAGE_EXTENSIONS,
  type IndexProgress,
  type IndexSummary,
  isImageName,
  MIN_ADAPTED,
} from "../shared/index.ts";
import { activeImage } from "./activeImage.ts";
import { checkSetup } from "./checkSetup.ts";
import { setDatabasePassword } from "./databasePassword.ts";
import { offeringLog, offerLog, requireTrust } from "./failures.ts";
import { COMMANDS, type CommandId } from "./ids.ts";
import { imagesText } from "./imagesText.ts";
import * as indexes from "./indexView/indexCommands.ts";
import { tell, tellInStatusBar } from "./messages.ts";
import { downloadModel } from "./models/downloadModel.ts";
import { importModel } from "./models/importModel.ts";
import { adaptModel, compareModels, selectModel } from "./models/modelCommands.ts";
import { withOrigin } from "./pages/cameFrom.ts";
import { inspectProjections } from "./projections/inspectProjections.ts";
import { review, takeBackCopies } from "./review/reviewCommands.ts";
import { fileFolders, requireRoot, rootOfImage } from "./roots.ts";
import type { Services } from "./services.ts";
import { plainQuery } from "./similar/query.ts";
import { searchByWords } from "./similar/searchWords.ts";
import { runAblation, trainModel } from "./training/trainModel.ts";

type Command = (services: Services, args: unknown[]) => Promise<unknown>;

const TABLE: Readonly<Record<CommandId, Command>> = {
  [COMMANDS.findSimilar]: (services, [uri, selection]) => findSimilar(services, ...chosenImages(uri, selection)),
  [COMMANDS.findSimilarPick]: async (services) => findSimilar(services, activeImage() ?? (await pickImage())),
  [COMMANDS.findSimilarAcross]: async (services, [uri]) =>
    findAcross(services, uri instanceof vscode.Uri ? uri : (activeImage() ?? (await pickImage()))),
  [COMMANDS.openQuery]: ({ similar }) => similar.openQuery(),
  [COMMANDS.searchWords]: searchByWords,
  [COMMANDS.findDuplicates]: (services, [uri]) => review(services, "duplicates", uri),
  [COMMANDS.takeBackCopies]: (services, [uri]) => takeBackCopies(services, uri),
  [COMMANDS.findSuspiciousLabels]: (services, [uri]) => review(services, "labels", uri),
  [COMMANDS.evaluateRetrieval]: ({ evaluations }, [uri, models]) => evaluations.open(uri, models),
  [COMMANDS.indexFolder]: (services, [uri]) => indexFolder(services, uri, false),
  [COMMANDS.rebuildIndex]: (services, [uri]) => indexFolder(services, uri, true),
  [COMMANDS.cancelIndexing]: async ({ runs }) => runs.cancel(),
  [COMMANDS.checkSetup]: checkSetup,
  [COMMANDS.showLog]: async ({ log }) => log.show(),
  [COMMANDS.selectModel]: selectModel,
  [COMMANDS.adaptModel]: (services) =>
    adaptModel(services, (folder) => indexFolder(services, vscode.Uri.file(folder), true)),
  [COMMANDS.importModel]: importModel,
  [COMMANDS.downloadModel]: downloadModel,
  [COMMANDS.compareModels]: compareModels,
  [COMMANDS.inspectProjections]: inspectProjections,
  [COMMANDS.selectionFindSimilar]: async ({ projections }) => projections.menu("findSimilar"),
  [COMMANDS.selectionOpen]: async ({ projections }) => projections.menu("open"),
  [COMMANDS.selectionReveal]: async ({ projections }) => projections.menu("reveal"),
  [COMMANDS.selectionCopyPaths]: async ({ projections }) => projections.menu("copyPaths"),
  [COMMANDS.selectionExport]: async ({ projections }) => projections.menu("export"),
  [COMMANDS.selectionLabel]: async ({ projections }) => projections.menu("label"),
  [COMMANDS.indexUpdate]: indexes.update,
  [COMMANDS.indexPause]: indexes.pause,
  [COMMANDS.indexResume]: indexes.update,
  [COMMANDS.indexRebuild]: (services, [node]) => indexFolder(services, vscode.Uri.file(indexes.folderOf(node)), true),
  [COMMANDS.indexDelete]: indexes.deleteAll,
  [COMMANDS.indexDeleteKept]: indexes.deleteKept,
  [COMMANDS.indexOpenLocation]: indexes.openLocation,
  [COMMANDS.setDatabasePassword]: setDatabasePassword,
  [COMMANDS.trainModel]: trainModel,
  [COMMANDS.runAblation]: runAblation,
  [COMMANDS.setUpTorch]: ({ training }) => training.torch.setUp(),
  [COMMANDS.importWeights]: ({ training }) => training.importWeights(),
  [COMMANDS.resultFindSimilar]: (services, [item]) =>
    services.similar.current?.session.query.across
      ? findAcross(services, services.similar.resolveItem(itemPath(item)))
      : findSimilar(services, services.similar.resolveItem(itemPath(item))),
  [COMMANDS.resultAddExample]: ({ similar }, [item]) => similar.addExample(itemPath(item), 1),
  [COMMANDS.resultAddCounterExample]: ({ similar }, [item]) => similar.addExample(itemPath(item), -1),
  [COMMANDS.resultOpen]: ({ similar }, [item]) => similar.open(itemPath(item), "keep"),
  [COMMANDS.resultReveal]: async ({ similar }, [item]) => {
    await vscode.commands.executeCommand("revealInExplorer", similar.resolveItem(itemPath(item)));
  },
  [COMMANDS.resultCopyPath]: async ({ similar }, [item]) => {
    await vscode.env.clipboard.writeText(similar.resolveItem(itemPath(item)).fsPath);
  },
  [COMMANDS.resultCopyRelativePath]: async (_, [item]) => vscode.env.clipboard.writeText(itemPath(item)),
};

/** Runs a command; what goes wrong is said to the user, with the way to the log. */
export async function runCommand(services: Services, id: CommandId, args: unknown[]): Promise<void> {
  await withOrigin(args, () => offeringLog(services.log, () => TABLE[id](services, args)));
}

/** Several images are one query: examples of what is looked for. */
async function findSimilar({ similar }: Services, ...images: readonly (vscode.Uri | undefined)[]): Promise<void> {
  const [first, ...others] = images.filter((image) => image !== undefined);
  if (first === undefined) return;
  for (const image of [first, ...others]) requireFile(image);
  const folder = await rootOfImage(first);
  if (folder !== undefined) await similar.show(folder, first.fsPath, ...others.map(({ fsPath }) => fsPath));
}

/** One list from all indexed folders of the window. */
async function findAcross({ similar, tables }: Services, image: vscode.Uri | undefined): Promise<void> {
  if (image === undefined) return;
  requireFile(image);
  const own = vscode.workspace.getWorkspaceFolder(image)?.uri.fsPath;
  // An image from elsewhere belongs to no folder more than to another.
  const folder = own ?? fileFolders()[0]?.uri.fsPath ?? (await rootOfImage(image));
  if (folder !== undefined)
    similar.showQuery(folder, { ...plainQuery([image.fsPath], tables.labels(folder)), across: true });
}

function requireFile(image: vscode.Uri): void {
  if (image.scheme === "file") return;
  throw new Error(vscode.l10n.t("{0} is not a file on this machine. Save a copy to disk first.", image.toString()));
}

/** What the Explorer hands over: the item that was clicked, and all that are selected; else the open image. */
function chosenImages(uri: unknown, selection: unknown): (vscode.Uri | undefined)[] {
  if (!(uri instanceof vscode.Uri)) return [activeImage()];
  const selected = Array.isArray(selection) ? selection.filter((each) => each instanceof vscode.Uri) : [];
  const images = selected.filter((each) => isImageName(each.path));
  return images.some((each) => each.toString() === uri.toString()) ? images : [uri];
}

async function indexFolder({ runs, log, engine }: Services, uri: unknown, rebuild: boolean): Promise<IndexSummary> {
  const t = vscode.l10n.t;
  requireTrust();
  const folder = await requireRoot(uri instanceof vscode.Uri ? uri : undefined);
  // Whoever asks for it wants another try, however often the engine died.
  engine.forgive();
  const summary = await vscode.window.withProgress(
    {
      location: vscode.ProgressLocation.Notification,
      title: rebuild ? t("Rebuilding the index") : t("Indexing images"),
      cancellable: true,
    },
    async (progress, token) => {
      token.onCancellationRequested(() => runs.cancel(folder));
      let percent = 0;
      const listener = runs.onStatus(({ folder: changed, progress: state }) => {
        if (changed !== folder || state === null || state.total === 0) return;
        // Adapting is about as long as indexing a thousand images: the first tenth of the bar.
        const share = state.done / state.total;
        const now = state.phase === "adapting" ? 10 * share : Math.max(percent, 100 * share);
        progress.report({
          increment: now - percent,
          message: progressText(state),
        });
        percent = now;
      });
      try {
        return await runs.run(folder, rebuild);
      } finally {
        listener.dispose();
      }
    },
  );
  const added = summary.indexed + summary.updated;
  log.info(
    `Indexed ${folder}: ${JSON.stringify({ ...summary, skipped: summary.skipped.length, partial: summary.partial.length })}`,
  );
  const there = added + summary.unchanged + summary.skipped.length > 0;
  const parts = [
    there ? t("{0} embedded", imagesText(added)) : t("{0} holds no images that can be indexed", basename(folder)),
    there ? t("{0} unchanged", summary.unchanged) : "",
    summary.removed > 0 ? t("{0} removed", summary.removed) : "",
    skippedText(summary.skipped.length),
    summary.partial.length > 0 ? t("{0} read in part", summary.partial.length) : "",
    ...kindsOf(summary),
    there ? adaptationText(summary) : "",
  ];
  const text = parts.filter((part) => part !== "").join(", ");
  if (summary.skipped.length > 0) await offerLog(log, text, "information");
  // What one would wait for in vain is not said in passing.
  else if (!there) void tell(`Lookalike: ${text}.`);
  else tellInStatusBar(`Lookalike: ${text}`);
  return summary;
}

function skippedText(files: number): string {
  if (files === 0) return "";
  return files === 1 ? vscode.l10n.t("1 file skipped") : vscode.l10n.t("{0} files skipped", files);
}

/** Why the model is as it is, where it was to be adapted; and that two networks embedded. */
function adaptationText({ adaptation, indexed, updated }: IndexSummary): string {
  const t = vscode.l10n.t;
  if (typeof adaptation === "object" && indexed + updated > 0) return guestsText(adaptation);
  if (adaptation === "few") return t("the model is not adapted: that takes {0} images", MIN_ADAPTED);
  if (adaptation === "alike")
    return t(
      "the model is not adapted: the images are too much alike, or copies of too few pictures, to tell anything",
    );
  return "";
}

/** What has joined the model that embedded. */
function guestsText({ second, handcrafted = [] }: Exclude<Adaptation, string>): string {
  const t = vscode.l10n.t;
  const styles = descriptorStyles(handcrafted);
  const names = handcrafted.map((name) => styles.get(name)!.label).join(" + ");
  if (names === "") return second === true ? t("with a second network") : "";
  return second === true ? t("with a second network and {0}", names) : t("with {0}", names);
}

/** What was not looked into, by kind. */
function kindsOf({ unread, shadows }: IndexSummary): string[] {
  const t = vscode.l10n.t;
  const listed = (counts: Readonly<Record<string, number>>) =>
    Object.entries(counts)
      .map(([kind, number]) => `${number} ${kind}`)
      .join(", ");
  const parts = [];
  if (Object.keys(unread).length > 0) parts.push(t("not read: {0}", listed(unread)));
  if (Object.keys(shadows).length > 0) parts.push(t("passed over: {0}", listed(shadows)));
  return parts;
}

function progressText({ phase, done, total, imagesPerSecond, secondsLeft }: IndexProgress): string {
  const t = vscode.l10n.t;
  const parts = [t("{0} of {1}", done, total)];
  if (phase === "sharing") parts.unshift(t("storing thumbnails"));
  if (phase === "arranging") parts.unshift(t("arranging for search"));
  else parts.push(t("{0} images/s", Math.round(imagesPerSecond)));
  if (phase === "adapting") parts.unshift(t("adapting the model"));
  if (secondsLeft !== null) parts.push(t("{0} s left", Math.ceil(secondsLeft)));
  return parts.join(" · ");
}

async function pickImage(): Promise<vscode.Uri | undefined> {
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
  const picked = await vscode.window.showOpenDialog({
    title: vscode.l10n.t("Find images similar to"),
    filters: { [vscode.l10n.t("Images")]: [...IMAGE_EXTENSIONS] },
    ...(folder === undefined ? {} : { defaultUri: folder }),
  });
  return picked?.[0];
}

const ItemSchema = v.object({ path: v.string() });

/** The path in the context object that the page gave to its menu. */
function itemPath(item: unknown): string {
  return v.parse(ItemSchema, item).path;
}
