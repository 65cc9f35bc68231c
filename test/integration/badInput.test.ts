import { strict as assert } from "node:assert";
import { copyFileSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { emojiPaths, findSimilar, folder, services } from "./support.ts";

suite("bad input", () => {
  const bad = () => join(folder(), "bad files");
  teardown(() => rmSync(bad(), { recursive: true, force: true }));

  test("files that are no images are counted and named, and names with signs are found", async () => {
    mkdirSync(bad());
    const [image] = emojiPaths();
    const odd = `it's "100%" #1 ${String.fromCodePoint(0x1f600)} ü.png`;
    copyFileSync(join(folder(), image!), join(bad(), odd));
    writeFileSync(join(bad(), "empty.png"), "");
    writeFileSync(join(bad(), "text.jpg"), "no image");
    const { runs } = await services();
    const summary = await runs.run(folder());
    assert.deepEqual(
      summary.skipped.map(({ path }) => path),
      ["bad files/empty.png", "bad files/text.jpg"],
    );
    const { result } = await findSimilar(image!);
    const best = result!.results["combined"]![0]!;
    assert.equal(best.path, `bad files/${odd}`);
    assert.ok(best.score > 0.999);
  });

  test("a query that is no image is an error that names it, with a way on", async () => {
    mkdirSync(bad());
    writeFileSync(join(bad(), "broken.png"), "no image");
    const { notice } = await findSimilar("bad files/broken.png");
    assert.equal(notice!.kind, "error");
    assert.match(notice!.text, /broken\.png: not an image/);
    assert.deepEqual(notice!.actions, ["retry", "showLog"]);
  });
});
