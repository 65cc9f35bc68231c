import { strict as assert } from "node:assert";
import { readFileSync } from "node:fs";
import * as vscode from "vscode";
import type { AblationAxes } from "../../src/shared/index.ts";
import { folder, services, until } from "./support.ts";

/** A model file that the runner made: embeds in no time. */
const OTHER = process.env["TEST_OTHER_MODEL"]!;

const AXES: AblationAxes = {
  configs: ["S", "SM"],
  losses: ["ranking", "ranking+classification"],
  tricks: ["both"],
  combine: ["concat", "sum"],
  seeds: 1,
  full: false,
};

async function session() {
  const { training } = await services();
  return until("the panel", () => training.current?.session);
}

suite("an ablation", () => {
  suiteSetup(async () => {
    await (await services()).models.install(OTHER, "ablated");
  });
  suiteTeardown(async () => {
    await (await services()).models.remove("ablated");
    await vscode.commands.executeCommand("workbench.action.closeAllEditors");
  });

  test("is chosen in the training panel, stopped, found in its list, resumed, and its tables open", async () => {
    const { training } = await services();
    await vscode.commands.executeCommand("lookalike.runAblation", vscode.Uri.file(folder()));
    const choosing = await session();
    await until("the data", () => choosing.state.data !== null && choosing.state.models.length > 1);
    assert.equal(choosing.state.data?.problem, null);
    assert.notEqual(choosing.state.ablation, null);
    choosing.changeAblation(AXES);
    await choosing.change({ model: "ablated", epochs: 3 });
    await choosing.act("start");
    assert.equal(choosing.state.notice, null);
    await until("the first figures", () => (choosing.state.run?.ablation?.results.length ?? 0) > 0);
    await choosing.act("stop");
    await until("its end", () => choosing.state.stage === "interrupted" || choosing.state.stage === "done");
    const [listed] = await training.runs.list();
    assert.deepEqual(listed?.info.ablation, AXES);

    // As after a reload of the window: the run is read from its files.
    await training.showRun(listed.id);
    const shown = await session();
    await until("the run", () => shown.state.run !== null);
    assert.deepEqual(shown.state.ablation, AXES);
    if (shown.state.stage === "interrupted") await shown.act("resume");
    await until("all trainings", () => shown.state.stage === "done");
    const { done, of, results, tables } = shown.state.run!.ablation!;
    // Of the three one has both losses and both branches.
    assert.deepEqual([done, of], [3, 3]);
    assert.equal(results.length, 3 * 2 * 2);
    assert.match(readFileSync(tables!, "utf8"), /### Descriptors, in order .*after the last step/);

    await vscode.commands.executeCommand("markdown.showPreview", vscode.Uri.file(tables!));
    await until("the tables", () =>
      vscode.window.tabGroups.all.flatMap(({ tabs }) => tabs).some(({ label }) => label.includes("ablation.md")),
    );
  });
});
