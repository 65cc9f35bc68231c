import { strict as assert } from "node:assert";
import { join } from "node:path";
import * as vscode from "vscode";
import { emojiPaths, findSimilar, folder, services, until } from "./support.ts";

suite("find similar", () => {
  test("indexes an unknown folder, and shows a list per descriptor and one for combined", async () => {
    const [query] = emojiPaths();
    const { result, folder: gallery, device, notice } = await findSimilar(query!);
    assert.equal(notice, null);
    assert.equal(device, "cpu");
    assert.ok(gallery.indexed >= emojiPaths().length);
    assert.deepEqual(Object.keys(result!.results), ["spoc", "mac", "gem", "combined"]);
    for (const list of Object.values(result!.results)) {
      assert.equal(list.length, Math.min(50, gallery.indexed - 1));
      assert.ok(list.every(({ path }) => path !== query));
      assert.deepEqual(
        [...list].sort((a, b) => b.score - a.score),
        list,
      );
    }
  });

  test("the status bar tells images and device", async () => {
    const { status } = await services();
    assert.match(status.text, /^\$\(search-fuzzy\) \d+ images · CPU$/);
  });

  test("searches on from a result, opens it, copies its path", async () => {
    const { similar } = await services();
    const first = similar.current!.session.state.result!.results["combined"]![0]!.path;
    await vscode.commands.executeCommand("lookalike.result.copyPath", { path: first });
    assert.equal(await vscode.env.clipboard.readText(), join(folder(), first));
    await vscode.commands.executeCommand("lookalike.result.copyRelativePath", { path: first });
    assert.equal(await vscode.env.clipboard.readText(), first);
    await vscode.commands.executeCommand("lookalike.result.open", { path: first });
    await until("the image's editor", () => {
      const tabs = vscode.window.tabGroups.all.flatMap((group) => group.tabs);
      return tabs.some((tab) => tab.input instanceof vscode.TabInputCustom && tab.input.uri.path.endsWith(`/${first}`));
    });
    await vscode.commands.executeCommand("lookalike.result.findSimilar", { path: first });
    await until("the new query", () => similar.current?.session.state.query.path === first);
  });

  test("a page cannot reach files outside of the folder", async () => {
    const { similar } = await services();
    for (const path of ["../secret.png", "/etc/hostname.png", "a/../../b.png"]) {
      assert.throws(() => similar.resolveItem(path), /not in the indexed folder/);
    }
  });

  test("another length of the lists takes effect without a reload", async () => {
    const { similar } = await services();
    const settings = vscode.workspace.getConfiguration("lookalike");
    await settings.update("similar.count", 7, vscode.ConfigurationTarget.Global);
    try {
      await until("lists of 7", () => similar.current?.session.state.result?.results["combined"]?.length === 7);
    } finally {
      await settings.update("similar.count", undefined, vscode.ConfigurationTarget.Global);
    }
    await until("longer lists", () => (similar.current?.session.state.result?.results["combined"]?.length ?? 0) > 7);
  });

  test("a rebuild can be cancelled; until it is done what was there is kept", async () => {
    const { runs, engine } = await services();
    const before = (await engine.request("folder/status", { folder: folder() })).indexed;
    const rebuild = runs.run(folder(), true);
    const listener = runs.onStatus(({ indexed, progress }) => {
      if (progress?.phase === "embedding" && indexed >= 8 && progress.done > 0) runs.cancel(folder());
    });
    await assert.rejects(rebuild, { name: "CancelledError" });
    listener.dispose();
    const { indexed } = await engine.request("folder/status", { folder: folder() });
    assert.equal(indexed, before);
    const state = await findSimilar(emojiPaths()[0]!);
    assert.equal(state.folder.indexed, before);
  });

  test("the engine is killed while indexing: the run goes on by itself from there", async () => {
    const { runs, engine, similar } = await services();
    await findSimilar(emojiPaths()[1]!);
    const first = engine.pid!;
    const rebuild = runs.run(folder(), true);
    const listener = runs.onStatus(({ indexed, progress }) => {
      if (progress !== null && indexed >= 8 && engine.pid === first) process.kill(first, "SIGKILL");
    });
    // The panel takes part in the run, as it would if it had started it.
    similar.current!.restart();
    await rebuild;
    listener.dispose();
    assert.notEqual(engine.pid, first);
    const { indexed, skipped } = await engine.request("folder/status", { folder: folder() });
    assert.deepEqual({ indexed, skipped }, { indexed: emojiPaths().length, skipped: 0 });
    assert.equal((await findSimilar(emojiPaths()[1]!)).notice, null);
  });

  test("an engine that dies again and again ends the run: the panel says so, and trying again goes on", async () => {
    const { runs, engine, similar } = await services();
    const rebuild = runs.run(folder(), true);
    const listener = runs.onStatus(({ progress }) => {
      if (progress !== null && engine.pid !== undefined) process.kill(engine.pid, "SIGKILL");
    });
    similar.current!.restart();
    await assert.rejects(rebuild, { name: "EngineStoppedError" });
    listener.dispose();
    const notice = await until("the notice", () => similar.current!.session.state.notice ?? undefined);
    assert.equal(notice.kind, "error");
    assert.match(notice.text, /stopped (unexpectedly|several times)/);
    assert.deepEqual(notice.actions, ["retry", "showLog"]);
    // What the button does.
    engine.forgive();
    similar.current!.restart();
    assert.equal((await findSimilar(emojiPaths()[1]!)).notice, null);
  });
});
