import { basename, join } from "node:path";
import * as vscode from "vscode";
import { isDatabase, isFallback, type KeptIndex } from "../../shared/index.ts";
import { imagesText } from "../imagesText.ts";
import { conditionOf, type IndexNode, type RootCondition, type RootState, readableBytes } from "./nodes.ts";

const ICONS: Readonly<Record<RootCondition, string>> = {
  running: "sync~spin",
  paused: "debug-pause",
  failed: "warning",
  ready: "database",
  none: "circle-large-outline",
};

/** A row as VS Code shows it. */
export function itemOf(node: IndexNode, state: RootState): vscode.TreeItem {
  const t = vscode.l10n.t;
  switch (node.kind) {
    case "root":
      return rootItem(state);
    case "model":
      return leaf(node.current.model ?? t("A model without a name"), "symbol-misc", {
        description: t("model · {0}", imagesText(node.current.rows)),
      });
    case "device": {
      const { deviceReport: report, device } = node.status;
      return leaf(device.toUpperCase(), "chip", {
        description: isFallback(report) ? t("device · {0} cannot be used", report.asked.toUpperCase()) : t("device"),
        tooltip: report.reason ?? "",
      });
    }
    case "size":
      return leaf(readableBytes(node.bytes), "save", {
        description: isDatabase(node.place) ? t("in a database") : t("on disk"),
        tooltip: node.place,
      });
    case "failure":
      return leaf(node.reason, "warning", { tooltip: node.reason });
    case "vanished":
      // Short, since a side bar shows no more than that; the rest is read where the pointer rests.
      return leaf(t("Nothing removed"), "info", {
        description: t("a disk away?"),
        tooltip: `${node.reason}\n${t("If they were deleted on purpose: Update Index, then Remove From Index.")}`,
      });
    case "skipped":
      return group(
        node.files.length === 1 ? t("1 file skipped") : t("{0} files skipped", node.files.length),
        "circle-slash",
      );
    case "reason":
      return group(node.reason, undefined, String(node.files.length));
    case "file":
      return fileItem(node.folder, node.path);
    case "others":
      return group(
        node.indexes.length === 1 ? t("1 other index") : t("{0} other indexes", node.indexes.length),
        "archive",
      );
    case "kept":
      return keptItem(node.index);
  }
}

function rootItem(state: RootState): vscode.TreeItem {
  const condition = conditionOf(state);
  const item = new vscode.TreeItem(vscode.Uri.file(state.folder), vscode.TreeItemCollapsibleState.Expanded);
  item.label = basename(state.folder);
  item.id = state.folder;
  item.description = describe(state, condition);
  item.iconPath = new vscode.ThemeIcon(ICONS[condition]);
  item.contextValue = `root ${condition}`;
  item.tooltip = [state.folder, item.description, state.failure ?? ""].filter((line) => line !== "").join("\n");
  item.accessibilityInformation = { label: `${item.label}, ${item.description}` };
  if (condition === "none") item.collapsibleState = vscode.TreeItemCollapsibleState.Collapsed;
  return item;
}

function describe({ details, status, upToDate, vanished }: RootState, condition: RootCondition): string {
  const t = vscode.l10n.t;
  const progress = status?.progress ?? null;
  switch (condition) {
    case "running":
      if (progress?.phase === "waiting") return t("waiting for another process");
      if (progress?.phase === "sharing") return t("storing thumbnails");
      if (progress?.phase === "arranging") return t("preparing the search");
      if (progress === null || progress.total === 0) return t("looking for images");
      if (progress.phase === "adapting") return t("adapting the model: {0} of {1}", progress.done, progress.total);
      return t("indexing {0} of {1}", progress.done, progress.total);
    case "paused":
      return t("paused");
    case "failed":
      return vanished === undefined
        ? t("failed")
        : t("{0} of {1} images gone", vanished.gone.toLocaleString(), vanished.indexed.toLocaleString());
    case "ready":
      return upToDate
        ? t("up to date · {0}", imagesText(details?.current?.rows ?? 0))
        : imagesText(details?.current?.rows ?? 0);
    case "none":
      return details === undefined ? "" : t("not indexed");
  }
}

function fileItem(folder: string, path: string): vscode.TreeItem {
  const uri = vscode.Uri.file(join(folder, path));
  const item = new vscode.TreeItem(uri);
  item.label = path;
  item.command = { command: "vscode.open", title: vscode.l10n.t("Open"), arguments: [uri] };
  return item;
}

function keptItem({ name, model, rows, bytes, damaged }: KeptIndex): vscode.TreeItem {
  const t = vscode.l10n.t;
  const label = damaged ? t("Damaged, put aside") : (model ?? name);
  const size = readableBytes(bytes);
  return leaf(label, "archive", {
    description: damaged ? size : `${imagesText(rows)} · ${size}`,
    tooltip: name,
    contextValue: "kept",
  });
}

function leaf(label: string, icon: string, more: Partial<vscode.TreeItem>): vscode.TreeItem {
  return Object.assign(new vscode.TreeItem(label), { iconPath: new vscode.ThemeIcon(icon) }, more);
}

function group(label: string, icon?: string, description?: string): vscode.TreeItem {
  const item = new vscode.TreeItem(label, vscode.TreeItemCollapsibleState.Collapsed);
  if (icon !== undefined) item.iconPath = new vscode.ThemeIcon(icon);
  if (description !== undefined) item.description = description;
  return item;
}
