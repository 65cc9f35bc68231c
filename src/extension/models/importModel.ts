import { basename } from "node:path";
import * as vscode from "vscode";
import {
  type ImportSummary,
  messageText,
  type NetworkRefusal,
  type NetworkReport,
  type PreprocessingChoice,
} from "../../shared/index.ts";
import { isCancellation } from "../failures.ts";
import { askLine, askModal, tellError } from "../messages.ts";
import { pickRoot } from "../roots.ts";
import type { Services } from "../services.ts";
import { importSummary, isVector, parseFigures, parseSize, preprocessingItems, valueItems } from "./importItems.ts";
import { askDescriptors, askName, askWords, offerUse, requireTrustInFiles } from "./modelInputs.ts";

interface Inspected {
  readonly report: NetworkReport;
  readonly size: { readonly size?: number };
}

/** Makes a model of a classifier or embedding network in an ONNX file, step by step, and installs it. */
export async function importModel(services: Services): Promise<void> {
  const t = vscode.l10n.t;
  const { log } = services;
  requireTrustInFiles();
  const title = t("Import a network");
  const [file] = (await vscode.window.showOpenDialog({ title, filters: { ONNX: ["onnx"] } })) ?? [];
  if (file === undefined) return;
  const network = await inspect(services, file.fsPath, title);
  if (network === undefined) return;
  const text = await askTower(network.report, title);
  if (text === undefined) return;
  // After a refusal the user chooses what else of the network is to be taken.
  while (await takeValue(services, file.fsPath, network, text, title)) log.info(t("Another value is chosen."));
}

/** @returns whether the network was refused as it was asked for, and the user wants to choose another of its values */
async function takeValue(
  services: Services,
  file: string,
  network: Inspected,
  text: { readonly text?: string },
  title: string,
): Promise<boolean> {
  const t = vscode.l10n.t;
  const { engine, models, similar, log } = services;
  const taken = await vscode.window.showQuickPick(valueItems(network.report, t), {
    title,
    placeHolder: t("What images are compared by"),
    matchOnDescription: true,
    ignoreFocusOut: true,
  });
  if (taken === undefined) return false;
  const words = text.text !== undefined;
  const descriptors = isVector(taken.value) ? null : await askDescriptors(engine, title, { words });
  if (descriptors === undefined) return false;
  const preprocessing = await askPreprocessing(network.report, title);
  if (preprocessing === undefined) return false;
  const names = (await models.list(undefined)).map((model) => model.name);
  const wanted = [basename(file, ".onnx"), ...(descriptors === null ? [] : [descriptors.toLowerCase()])];
  const name = await askName(wanted.join("-"), names, title);
  if (name === undefined) return false;
  const { size: bytes } = await vscode.workspace.fs.stat(vscode.Uri.file(file));
  const summed = importSummary(network.report, { value: taken.value, descriptors, preprocessing, bytes }, t);
  const install = t("Install");
  if ((await askModal(t("Install {0} as {1}?", basename(file), name), summed, install)) !== install) return false;
  const params = { file, tensor: taken.value.tensor, descriptors, preprocessing, name, ...network.size, ...text };
  let summary: ImportSummary;
  try {
    summary = await working(t("Importing {0}", basename(file)), (token) =>
      engine.request("import/install", params, token),
    );
  } catch (error) {
    if (isCancellation(error)) return false;
    const again = t("Choose Another Value...");
    const answer = await tellError(error instanceof Error ? error.message : String(error), again);
    return answer === again;
  }
  const how = summary.oneByOne ? " The network takes one image at a time, which is slower." : "";
  log.info(`Imported ${file} as ${name}, checked on ${summary.checked} images.${how}`);
  await offerUse(services, name, similar.current?.session.folder ?? (await pickRoot()));
  return false;
}

/** The tower for words that the user wants beside the network. @returns undefined where the user left */
async function askTower({ text }: NetworkReport, title: string): Promise<{ text?: string } | undefined> {
  const words = await askWords(title, text === null ? null : basename(text), true);
  if (words === undefined) return undefined;
  if (words === "none") return {};
  if (words === "beside" && text !== null) return { text };
  const [file] = (await vscode.window.showOpenDialog({ title, filters: { ONNX: ["onnx"] } })) ?? [];
  return file === undefined ? undefined : { text: file.fsPath };
}

/** Looks into the file; where the network takes images of any size, the user says which. */
async function inspect({ engine }: Services, file: string, title: string): Promise<Inspected | undefined> {
  const t = vscode.l10n.t;
  let tensor: { tensor?: string } = {};
  const look = async (size: { size?: number }): Promise<NetworkReport | undefined> => {
    for (;;) {
      const params = { file, ...size, ...tensor };
      const found = await working(t("Looking into {0}", basename(file)), (token) =>
        engine.request("import/inspect", params, token),
      );
      if (!("refused" in found)) return found;
      const other = await askOther(found, title);
      if (other === undefined) return undefined;
      tensor = { tensor: other };
    }
  };
  const report = await look({});
  if (report === undefined) return undefined;
  if (report.input.fixedSize) return { report, size: {} };
  const typed = await askLine({
    title,
    prompt:
      report.input.sizes.length === 0
        ? t("The network takes images of any size. Width and height in pixels: larger sees more, and takes longer")
        : t(
            "Width and height in pixels; larger sees more, and takes longer. Fitting: {0}",
            report.input.sizes.join(", "),
          ),
    value: String(report.input.width),
    ignoreFocusOut: true,
    validateInput: (text) => (parseSize(text) === undefined ? t("A whole number from 8 to 2048.") : undefined),
  });
  const size = parseSize(typed ?? "");
  if (size === undefined) return undefined;
  const sized = size === report.input.width ? report : await look({ size });
  return sized === undefined ? undefined : { report: sized, size: { size } };
}

/** Says why nothing is taken, and lets the user name a value. @returns undefined where the user left */
async function askOther({ refused, values }: NetworkRefusal, title: string): Promise<string | undefined> {
  const t = vscode.l10n.t;
  const other = t("Choose Another Value...");
  if ((await tellError(refused, ...(values.length === 0 ? [] : [other]))) !== other) return undefined;
  return vscode.window.showQuickPick([...values], {
    title,
    placeHolder: t("What images are compared by"),
    ignoreFocusOut: true,
  });
}

/** @returns null where there is nothing to choose; undefined where the user left */
async function askPreprocessing(report: NetworkReport, title: string): Promise<PreprocessingChoice | null | undefined> {
  const t = vscode.l10n.t;
  if (report.input.normalises) return null;
  const picked = await vscode.window.showQuickPick(preprocessingItems(report, t), {
    title,
    placeHolder: t("What the network wants to be fed; with a wrong one it finds less"),
    ignoreFocusOut: true,
  });
  if (picked === undefined || picked.choice !== null) return picked?.choice;
  const typed = await askLine({
    title,
    prompt: t("Mean of red, green and blue, then the three standard deviations, of pixels in 0..1"),
    value: "0.485, 0.456, 0.406 / 0.229, 0.224, 0.225",
    ignoreFocusOut: true,
    validateInput: (text) =>
      parseFigures(text) === undefined
        ? t("Six numbers: three means and three standard deviations, those above 0.")
        : undefined,
  });
  const figures = parseFigures(typed ?? "");
  return figures === undefined ? undefined : { ...figures, order: "rgb" };
}

function working<T>(title: string, work: (token: vscode.CancellationToken) => Thenable<T>): Thenable<T> {
  return vscode.window.withProgress(
    { location: vscode.ProgressLocation.Notification, title: messageText(title), cancellable: true },
    (_, token) => work(token),
  );
}
