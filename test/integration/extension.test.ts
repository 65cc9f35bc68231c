import { strict as assert } from "node:assert";
import * as vscode from "vscode";
import { COMMANDS } from "../../src/extension/ids.ts";
import { notes } from "./notes.ts";
import { api, findSimilar, mappedNatives, services } from "./support.ts";

suite("extension", () => {
  test("activates in little time and offers its commands", async () => {
    const { activationCpu } = await api();
    notes.push(`activation: ${activationCpu.toFixed(1)} ms of CPU`);
    const commands = await vscode.commands.getCommands(true);
    for (const id of Object.values(COMMANDS)) assert.ok(commands.includes(id), id);
  });

  test("loads no native module into the extension host, even after use", async () => {
    await findSimilar("not there.png");
    assert.ok((await services()).engine.pid !== undefined);
    assert.deepEqual(process.platform === "linux" ? mappedNatives() : [], []);
  });
});
