import * as vscode from "vscode";
import {
  COMMANDS,
  type CommandId,
  EVALUATION_VIEW,
  FOLLOW_VIEW,
  INDEX_VIEW,
  PICTURE_VIEW,
  PROJECTIONS_VIEW,
  REVIEW_VIEW,
  SIMILAR_VIEW,
  TRAINING_VIEW,
} from "./ids.ts";
import { hasIndexedRoot } from "./indexedRoots.ts";
import { lazyTree } from "./indexView/lazyTree.ts";
import type { Services } from "./services.ts";

/** After the start VS Code has better things to do than to look for images. Milliseconds. */
const START_CHECK_AFTER = 3_000;

/** What other extensions and the tests can see. */
export interface LookalikeApi {
  /** CPU time that activation took, in milliseconds. */
  readonly activationCpu: number;
  /** Starts what is only started on first use. */
  services(): Promise<Services>;
}

interface RestoringOwner {
  restore(panel: vscode.WebviewPanel, state: unknown): Promise<void>;
}

/** A table of registrations; everything else is loaded at the first use. */
export function activate(context: vscode.ExtensionContext): LookalikeApi {
  const before = process.cpuUsage();
  let services: Promise<Services> | undefined;
  const use = () => {
    services ??= import("./services.ts").then((module) => module.createServices(context));
    return services;
  };
  const run = async (id: CommandId, args: unknown[]) => {
    const { runCommand } = await import("./commands.ts");
    await runCommand(await use(), id, args);
  };
  for (const id of Object.values(COMMANDS)) {
    context.subscriptions.push(vscode.commands.registerCommand(id, (...args: unknown[]) => run(id, args)));
  }
  /** Panels that VS Code kept over a reload of the window go back to their owner. */
  const restoring = (view: string, owner: (services: Services) => RestoringOwner) =>
    vscode.window.registerWebviewPanelSerializer(view, {
      async deserializeWebviewPanel(panel, state: unknown) {
        const services = await use();
        services.rememberOrigin(panel, state);
        await owner(services).restore(panel, state);
      },
    });
  context.subscriptions.push(
    vscode.window.registerTreeDataProvider(
      INDEX_VIEW,
      lazyTree(async () => (await use()).indexTree),
    ),
    vscode.window.registerWebviewViewProvider(FOLLOW_VIEW, {
      resolveWebviewView: async (view) => (await use()).showFollowView(view),
    }),
    vscode.window.registerCustomEditorProvider(PICTURE_VIEW, {
      openCustomDocument: (uri) => ({ uri, dispose: () => {} }),
      resolveCustomEditor: async ({ uri }, panel) => (await use()).showPicture(uri, panel),
    } satisfies vscode.CustomReadonlyEditorProvider),
    restoring(SIMILAR_VIEW, ({ similar }) => similar),
    restoring(PROJECTIONS_VIEW, ({ projections }) => projections),
    restoring(TRAINING_VIEW, ({ training }) => training),
    restoring(REVIEW_VIEW, ({ reviews }) => reviews),
    restoring(EVALUATION_VIEW, ({ evaluations }) => evaluations),
  );
  // Only who has an index pays for following its files.
  if (hasIndexedRoot(context)) {
    const timer = setTimeout(() => void use().then(({ watch }) => watch.checkAll()), START_CHECK_AFTER);
    context.subscriptions.push({ dispose: () => clearTimeout(timer) });
  }
  const { user, system } = process.cpuUsage(before);
  return { activationCpu: (user + system) / 1000, services: use };
}
