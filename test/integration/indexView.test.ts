import { strict as assert } from "node:assert";
import { copyFileSync, renameSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import * as vscode from "vscode";
import { emojiPaths, findSimilar, folder, services, until } from "./support.ts";

suite("indexes", () => {
  const root = { kind: "root", folder: folder() } as const;

  async function describe(): Promise<string> {
    const { indexTree } = await services();
    const [node] = await indexTree.getChildren();
    return node === undefined ? "" : `${indexTree.getTreeItem(node).label} ${indexTree.getTreeItem(node).description}`;
  }

  test("the view shows the folder's index: state, model, device, size", async () => {
    await findSimilar(emojiPaths()[0]!);
    const { indexTree, engine } = await services();
    // A moment after the answer the folder's files are looked through.
    await until("an index that is up to date", async () => (await describe()).includes("up to date"));
    const { indexed } = await engine.request("folder/status", { folder: folder() });
    assert.equal(await describe(), `${basename(folder())} up to date · ${indexed} images`);
    assert.ok(indexed > 0);
    const kinds = (await indexTree.getChildren(root)).map((node) => node.kind);
    for (const kind of ["model", "device", "size"] as const) assert.ok(kinds.includes(kind), kinds.join());
    await vscode.commands.executeCommand("lookalike.indexes.focus");
  });

  test("a file that is copied, renamed and deleted is followed by itself, and embedded never again", async () => {
    const { runs } = await services();
    const { indexed } = (await findSimilar(emojiPaths()[0]!)).folder;
    const counts: number[] = [];
    const listener = runs.onStatus((status) => {
      if (status.progress === null) counts.push(status.indexed);
    });
    const [copy, renamed] = ["a copy.png", "renamed.png"].map((name) => join(folder(), name));
    try {
      copyFileSync(join(folder(), emojiPaths()[0]!), copy!);
      await until("the copy", () => counts.at(-1) === indexed + 1);
      const rounds = counts.length;
      renameSync(copy!, renamed!);
      await until("the renamed file", () => counts.length > rounds && counts.at(-1) === indexed + 1);
    } finally {
      rmSync(copy!, { force: true });
      rmSync(renamed!, { force: true });
    }
    await until("the deletion", () => counts.at(-1) === indexed);
    listener.dispose();
  });

  test("paused, nothing is followed; resumed, it catches up", async () => {
    const { watch, engine } = await services();
    await vscode.commands.executeCommand("lookalike.index.pause", root);
    assert.match(await describe(), / paused$/);
    assert.ok(watch.isPaused(folder()));
    const { indexed } = await engine.request("folder/status", { folder: folder() });
    const copy = join(folder(), "paused copy.png");
    copyFileSync(join(folder(), emojiPaths()[1]!), copy);
    try {
      await vscode.commands.executeCommand("lookalike.index.resume", root);
      const after = await engine.request("folder/status", { folder: folder() });
      assert.equal(after.indexed, indexed + 1);
      assert.match(await describe(), new RegExp(` up to date · ${indexed + 1} images$`));
    } finally {
      rmSync(copy);
    }
  });
});
