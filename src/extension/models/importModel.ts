import { basename } from "node:path";
import * as vscode from "vscode";
import { messageText, type NetworkReport, type PreprocessingChoice } from "../../shared/index.ts";
import { pickRoot } from "../roots.ts";
import type { Services } from "../services.ts";
import { isVector, parseFigures, parseSize, preprocessingItems, valueItems } from "./importItems.ts";
import { askDescriptors, askName, offerUse, requireTrustInFiles } from "./modelInputs.ts";

/** Makes a model of a classifier or embedding network in an ONNX file, step by step, and installs it. */
export async function importModel(services: Services): Promise<void> {
  const t = vscode.l10n.t;
  const { engine, models, similar, log } = services;
  requireTrustInFiles();
  const title = t("Import a network");
  const [file] = (await vscode.window.showOpenDialog({ title, filters: { ONNX: ["onnx"] } })) ?? [];
  if (file === undefined) return;
  const network = await inspect(services, file.fsPath, title);
  if (network === undefined) return;
  const taken = await vscode.window.showQuickPick(valueItems(network.report, t), {
    title,
    placeHolder: t("What images are compared by"),
    matchOnDescription: true,
    ignoreFocusOut: true,
  });
  if (taken === undefined) return;
  const descriptors = isVector(taken.value) ? null : await askDescriptors(engine, title);
  if (descriptors === undefined) return;
  const preprocessing = await askPreprocessing(network.report, title);
  if (preprocessing === undefined) return;
  const names = (await models.list(undefined)).map((model) => model.name);
  const wanted = [basename(file.fsPath, ".onnx"), ...(descriptors === null ? [] : [descriptors.toLowerCase()])];
  const name = await askName(wanted.join("-"), names, title);
  if (name === undefined) return;
  const summary = await working(t("Importing {0}", basename(file.fsPath)), () =>
    engine.request("import/install", {
      file: file.fsPath,
      tensor: taken.value.tensor,
      descriptors,
      preprocessing,
      name,
      ...network.size,
    }),
  );
  const how = summary.oneByOne ? " The network takes one image at a time, which is slower." : "";
  log.info(`Imported ${file.fsPath} as ${name}, checked on ${summary.checked} images.${how}`);
  await offerUse(services, name, similar.current?.session.folder ?? (await pickRoot()));
}

/** Looks into the file; where the network takes images of any size, the user says which. */
async function inspect(
  { engine }: Services,
  file: string,
  title: string,
): Promise<{ report: NetworkReport; size: { size?: number } } | undefined> {
  const t = vscode.l10n.t;
  const look = (size: { size?: number }) =>
    working(t("Looking into {0}", basename(file)), () => engine.request("import/inspect", { file, ...size }));
  const report = await look({});
  if (report.input.fixedSize) return { report, size: {} };
  const typed = await vscode.window.showInputBox({
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
  return { report: size === report.input.width ? report : await look({ size }), size: { size } };
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
  const typed = await vscode.window.showInputBox({
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

function working<T>(title: string, work: () => Thenable<T>): Thenable<T> {
  return vscode.window.withProgress(
    { location: vscode.ProgressLocation.Notification, title: messageText(title) },
    work,
  );
}
