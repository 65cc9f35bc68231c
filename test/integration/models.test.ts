import { strict as assert } from "node:assert";
import { copyFileSync, existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import * as vscode from "vscode";
import { emojiPaths, findSimilar, folder, services, until } from "./support.ts";

/** A model file that the runner made: MAC and SPoC of a few pixels. */
const OTHER = process.env["TEST_OTHER_MODEL"]!;
const BUILT_IN = "mobilenetv2-smg";

/** Columns of the panel, once it has settled on other ones than `before`. */
async function columnsAfter(before: string): Promise<string> {
  const { similar, runs } = await services();
  return until("other columns", () => {
    const state = similar.current?.session.state;
    const columns = Object.keys(state?.result?.results ?? {}).join(" ");
    return columns !== "" && columns !== before && !state?.searching && !runs.isRunning(folder()) && columns;
  });
}

async function selected(): Promise<string | undefined> {
  return (await (await services()).models.list(folder())).find((model) => model.selected)?.name;
}

const asTheyAre = (...names: string[]) => names.map((name) => ({ label: name, model: name }));

suite("models", () => {
  suiteSetup(async () => {
    await findSimilar(emojiPaths()[0]!);
  });
  suiteTeardown(async () => {
    const { models } = await services();
    for (const { name, builtIn } of await models.list(folder())) if (!builtIn) await models.remove(name);
  });

  test("the list holds the built-in model, and one that is installed", async () => {
    const { models } = await services();
    assert.equal(await models.install(OTHER, "other model"), "other model");
    const list = await models.list(folder());
    assert.deepEqual(
      list.map(({ name, builtIn, selected: on, problem }) => [name, builtIn, on, problem]),
      [
        [BUILT_IN, true, true, null],
        ["other model", false, false, null],
      ],
    );
    assert.deepEqual(
      list[1]!.manifest!.descriptors.map(({ kind }) => kind),
      ["MAC", "SPoC"],
    );
  });

  test("a model that is chosen for the folder makes the panel's results", async () => {
    const { models, similar } = await services();
    await models.select("other model", folder());
    assert.equal(await columnsAfter("spoc mac gem combined"), "mac spoc combined");
    assert.match(similar.current!.session.state.result!.model.name, /^other/);
    assert.equal(await selected(), "other model");
    await models.select(null, folder());
    assert.equal(await columnsAfter("mac spoc combined"), "spoc mac gem combined");
  });

  test("the command lists the models, and asks for which folders one is to be used", async () => {
    const ended = vscode.commands.executeCommand("lookalike.selectModel");
    // Both lists stand on the model in use and on this folder; the next entry is the other model.
    await step("workbench.action.quickOpenSelectNext");
    await step("workbench.action.acceptSelectedQuickOpenItem");
    await step("workbench.action.acceptSelectedQuickOpenItem");
    await ended;
    assert.equal(await selected(), "other model");
    assert.equal(await columnsAfter("spoc mac gem combined"), "mac spoc combined");
  });

  test("several models are compared side by side, and the comparison ends", async () => {
    const { similar, models } = await services();
    await models.select(null, folder());
    await columnsAfter("mac spoc combined");
    similar.compare(asTheyAre(BUILT_IN, "other model"));
    const comparison = await until("both lists", () => {
      const { comparison: lists, searching, notice } = similar.current!.session.state;
      return !searching && notice === null && lists?.every(({ ranked }) => ranked !== null) && lists;
    });
    assert.deepEqual(
      comparison.map(({ name, ranked }) => [name, ranked!.length > 0]),
      [
        [BUILT_IN, true],
        ["other model", true],
      ],
    );
    assert.notDeepEqual(comparison[0]!.ranked, comparison[1]!.ranked);
    // Searching on from a result goes on comparing.
    const next = comparison[1]!.ranked![0]!.path;
    await vscode.commands.executeCommand("lookalike.result.findSimilar", { path: next });
    await until("the next query", () => {
      const { query, comparison: lists } = similar.current!.session.state;
      return query.path === next && lists?.every(({ ranked }) => ranked !== null);
    });
    similar.compare([]);
    assert.equal(await columnsAfter(""), "spoc mac gem combined");
  });

  test("a deleted model is not used any more: back to the built-in one", async () => {
    const { models } = await services();
    await models.select("other model", folder());
    await columnsAfter("spoc mac gem combined");
    await models.rename("other model", "renamed");
    assert.equal(await selected(), "renamed");
    await models.remove("renamed");
    assert.equal(await columnsAfter("mac spoc combined"), "spoc mac gem combined");
    assert.equal(await selected(), BUILT_IN);
  });

  test("a model that is unknown or no model is refused, and the one in use stays", async () => {
    const { models, similar } = await services();
    const text = join(folder(), "no model.onnx");
    copyFileSync(join(folder(), emojiPaths()[0]!), text);
    try {
      await assert.rejects(
        models.select("unknown", folder()),
        /There is no model "unknown"\. Installed: mobilenetv2-smg/,
      );
      await assert.rejects(models.select(text, folder()), /There is no model/);
      await assert.rejects(models.install(text), /is not an ONNX file/);
      await assert.rejects(models.remove(BUILT_IN), /comes with Lookalike/);
    } finally {
      rmSync(text);
    }
    assert.equal(await selected(), BUILT_IN);
    similar.compare(asTheyAre(BUILT_IN, "unknown"));
    const notice = await until("the notice", () => {
      const { notice: said } = similar.current!.session.state;
      return said?.kind === "error" && said;
    });
    assert.match(notice.text, /There is no model "unknown"/);
    similar.compare([]);
    assert.equal(await columnsAfter(""), "spoc mac gem combined");
  });

  test("a foreign network is looked into and becomes an installed model", async () => {
    const { engine, models } = await services();
    // Our own file stands for a network that somebody else has exported.
    const { file } = (await models.list(folder()))[0]!;
    const network = await engine.request("import/inspect", { file });
    assert.ok(!("refused" in network), "the network was refused");
    const { values, chosen } = network;
    assert.ok(values.some(({ tensor, shape }) => tensor === chosen && shape.length === 3));
    const params = { file, tensor: chosen, descriptors: "MG", preprocessing: null, name: "imported" };
    assert.equal((await engine.request("import/install", params)).name, "imported");
    const imported = (await models.list(folder())).find(({ name }) => name === "imported")!;
    assert.equal(imported.problem, null);
    assert.deepEqual(
      imported.manifest!.descriptors.map(({ kind }) => kind),
      ["MAC", "GeM"],
    );
  });

  test("an exported model is the file that was installed", async () => {
    const { models } = await services();
    const target = join(folder(), "exported.onnx");
    await models.export(BUILT_IN, target);
    assert.ok(existsSync(target));
    rmSync(target);
  });
});

/** A step in a list that is open; it takes a moment to open, and nothing tells when. */
async function step(command: string): Promise<void> {
  await new Promise((done) => setTimeout(done, 1500));
  await vscode.commands.executeCommand(command);
}
