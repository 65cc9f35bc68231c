import { dirname, join } from "node:path";
import * as vscode from "vscode";
import type { ExplainResult, Handlers, NoticeAction, PageRequests } from "../../shared/index.ts";
import { enterPassword } from "../databasePassword.ts";
import { untilAborted } from "../engine/untilAborted.ts";
import { loggedFailure } from "../failures.ts";
import { COMMANDS } from "../ids.ts";
import { tellError, tellInStatusBar } from "../messages.ts";
import { checkedHandlers } from "../pages/checked.ts";
import { pageThumbnail } from "../pages/thumbnail.ts";
import { indexSettings, similarCount } from "../settings.ts";
import { writeWhole } from "../writeWhole.ts";
import { PAGE_PARAMS } from "./pageMessages.ts";
import { shownPaths } from "./panelLabels.ts";
import type { SimilarParts } from "./parts.ts";
import { withExamples } from "./query.ts";
import { droppedImages, pickImages } from "./queryInputs.ts";
import type { SimilarPanel } from "./similarPanel.ts";

/** What the host does for the page of a panel. */
export function panelRequests(
  panel: SimilarPanel,
  parts: SimilarParts,
  open: (path: string, mode: "preview" | "keep") => Promise<void>,
): Handlers<PageRequests, unknown> {
  const { engine, log, pasted, queries, tables } = parts;
  const checked = checkedHandlers<PageRequests>(PAGE_PARAMS, log);
  const resolve = (path: string): string => {
    const image = panel.resolve(path);
    if (image === undefined) throw new Error(`${path} is not shown.`);
    return image;
  };
  /** Runs what a user asked for in the page; what goes wrong is told where the user looks. */
  const told = async (work: () => Promise<void>): Promise<null> => {
    try {
      await work();
    } catch (error) {
      void tellError(`Lookalike: ${loggedFailure(log, error)}`);
    }
    return null;
  };
  let comparing = new AbortController();
  const add = async (images: readonly string[], sign: 1 | -1) => {
    if (images.length > 0) await panel.ask(withExamples(panel.session.query, images, sign));
  };

  return {
    ready: checked("ready", async () => ({ ...panel.load(), labels: panel.labels.shown })),
    thumbnail: checked("thumbnail", ({ path, size }) =>
      // Of any index that is open anyway: a thumbnail is the same in each.
      pageThumbnail(engine, {
        folder: panel.session.split(path).folder,
        image: resolve(path),
        size,
        ...panel.anyModel(),
      }),
    ),
    open: checked("open", async ({ path, mode }) => {
      await open(path, mode);
      return null;
    }),
    more: checked("more", async ({ k }) => {
      await panel.session.more(Math.max(k, similarCount()));
      return null;
    }),
    action: checked("action", async ({ action }) => {
      await act(panel, parts, action);
      return null;
    }),
    query: checked("query", async ({ examples, texts = [], weights, filter, labels, across }) => {
      if (labels !== null) await tables.check(panel.session.folders, labels.file);
      await panel.ask({
        examples: examples.map(({ path, box, ...form }) => {
          return { image: resolve(path), ...form, ...(box === null ? {} : { box }) };
        }),
        texts,
        weights,
        filter,
        labels,
        across,
      });
      return null;
    }),
    kindsGain: checked("kindsGain", () => {
      const { folder, query } = panel.session;
      return engine.request("folder/kinds", { folder, from: query.labels, ...panel.anyModel(), ...indexSettings() });
    }),
    pairs: checked("pairs", () => {
      const { folder, query } = panel.session;
      const { image } = query.examples[0]!;
      return engine.request("folder/pairs", { folder, image, ...panel.anyModel(), ...indexSettings() });
    }),
    mark: checked("mark", async ({ marks }) => {
      const params = { folder: panel.session.folder, marks, ...panel.anyModel(), ...indexSettings() };
      const found = await engine.request("folder/mark", params);
      // Only where they say enough are they in force.
      if (found.from === "marks") await panel.ask({ ...panel.session.query, weights: {} });
      return found;
    }),
    suggest: checked("suggest", ({ choice }) =>
      told(async () => {
        const { folder, query } = panel.session;
        const params = { folder, choice, labels: query.labels, ...panel.anyModel(), ...indexSettings() };
        await engine.request("folder/weights", params);
        await panel.ask({ ...panel.session.query, weights: {} });
      }),
    ),
    explain: checked("explain", async ({ example, box, result }) => {
      const explanation = await engine.request("image/explain", {
        // The score is one of the result's own folder, whose model may be another one.
        folder: panel.session.split(result).folder,
        query: resolve(example),
        ...(box === null ? {} : { box }),
        result: resolve(result),
        ...indexSettings(),
        ...panel.anyModel(),
      });
      return forPage(explanation);
    }),
    copies: checked("copies", () => {
      // Of lists that are replaced by now nobody asks any more.
      comparing.abort();
      comparing = new AbortController();
      return copies(panel, parts, comparing.signal);
    }),
    chooseTable: checked("chooseTable", async () => {
      const table = await tables.choose(panel.session.folder);
      if (table !== null) await panel.labels.refresh();
      return table;
    }),
    drop: checked("drop", ({ uris, sign }) => told(async () => add(await droppedImages(uris), sign))),
    paste: checked("paste", ({ bytes }) =>
      told(async () => {
        const image = await pasted.keep(bytes, vscode.l10n.t("What is in the clipboard is no image that can be read."));
        panel.query(panel.session.folder, {
          ...panel.session.query,
          examples: [{ image, sign: 1 }],
          texts: [],
        });
      }),
    ),
    pick: checked("pick", ({ sign }) => told(async () => add(await pickImages(panel.session.folder), sign))),
    save: checked("save", ({ name, content }) => told(() => save(panel.session.folder, name, content))),
    copy: checked("copy", async ({ text }) => {
      await vscode.env.clipboard.writeText(text);
      tellInStatusBar(vscode.l10n.t("Lookalike: copied"), 3000);
      return null;
    }),
    history: checked("history", async ({ step }) => {
      panel.go(step);
      return null;
    }),
    pin: checked("pin", async ({ pinned }) => {
      panel.pin(pinned);
      return null;
    }),
    saveQuery: checked("saveQuery", async () => {
      const name = await queries.save(panel.shown().saved, panel.title);
      if (name !== undefined) tellInStatusBar(vscode.l10n.t("Lookalike: saved as {0}", name));
      return null;
    }),
  };
}

/** Of one folder every group, found by embeddings first; of several those in the lists, by appearance: their models differ. */
async function copies(
  panel: SimilarPanel,
  { engine }: SimilarParts,
  signal: AbortSignal,
): Promise<readonly (readonly string[])[]> {
  const { session } = panel;
  if (session.folders.length > 1) {
    const paths = shownPaths(session).filter((path) => session.resolve(path) !== undefined);
    const images = paths.map((path) => session.resolve(path)!);
    const { groups } = await untilAborted(signal, (token) => engine.request("image/copies", { images }, token));
    return groups.map((group) => group.map((i) => paths[i]!));
  }
  const params = { folder: session.folder, ...indexSettings(), ...panel.anyModel() };
  const { groups } = await engine.request("folder/duplicates", params);
  return groups.map(({ images }) => images.map(({ path }) => path));
}

async function act(panel: SimilarPanel, parts: SimilarParts, action: NoticeAction): Promise<void> {
  const { engine, runs, log } = parts;
  switch (action) {
    case "enterPassword":
      await enterPassword(parts, () => panel.restart());
      break;
    case "cancelIndexing":
      for (const folder of panel.session.folders) runs.cancel(folder);
      break;
    case "manageTrust":
      await vscode.commands.executeCommand("workbench.trust.manage");
      break;
    case "showLog":
      log.show();
      break;
    case "retry":
      engine.forgive();
      panel.restart();
      break;
    case "indexFolder":
      if (panel.session.indexMissing === undefined) panel.restart();
      else void panel.session.indexMissing();
      break;
    case "evaluate":
      void vscode.commands.executeCommand(
        COMMANDS.evaluateRetrieval,
        vscode.Uri.file(panel.session.folder),
        panel.models,
      );
      break;
    case "endComparison":
      panel.compare([]);
  }
}

async function save(folder: string, name: string, content: string | Uint8Array): Promise<void> {
  const target = await vscode.window.showSaveDialog({
    defaultUri: vscode.Uri.file(join(dirname(folder), name)),
    title: vscode.l10n.t("Save the results as"),
  });
  if (target === undefined) return;
  await writeWhole(target, content);
  tellInStatusBar(vscode.l10n.t("Lookalike: saved {0}", target.fsPath));
}

/** With arrays of its own: process IPC delivers views of a larger buffer, which VS Code would send as a whole. */
function forPage({ branches, ...rest }: ExplainResult): ExplainResult {
  return {
    ...rest,
    branches: branches.map((branch) => ({
      ...branch,
      query: { ...branch.query, map: branch.query.map.slice() },
      result: { ...branch.result, map: branch.result.map.slice() },
      matches: { toResult: branch.matches.toResult.slice(), toQuery: branch.matches.toQuery.slice() },
    })),
  };
}
