import { strict as assert } from "node:assert";
import { execFile, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import * as vscode from "vscode";
import { TRAINING_DEFAULTS } from "../../src/shared/index.ts";
import { folder, services, until } from "./support.ts";

/** Debian's; whether it has torch, the machine says. */
const PYTHON = "/usr/bin/python3";

/** Answers the next questions for a file or folder. @returns what takes the answers away */
function answering(...answers: readonly string[]): () => void {
  const own = vscode.window.showOpenDialog;
  const left = [...answers];
  vscode.window.showOpenDialog = async () => {
    const next = left.shift();
    return next === undefined ? undefined : [vscode.Uri.file(next)];
  };
  return () => {
    vscode.window.showOpenDialog = own;
  };
}

suite("a training elsewhere", () => {
  let scratch: string;

  suiteSetup(() => {
    scratch = mkdtempSync(join(tmpdir(), "lookalike-elsewhere-"));
  });
  suiteTeardown(() => {
    rmSync(scratch, { recursive: true, force: true });
  });

  test("a folder is prepared, trained by its own copy, and imported", async function () {
    if (spawnSync(PYTHON, ["-c", "import torch"]).status !== 0) this.skip();
    this.timeout(240_000);
    const { training } = await services();
    const place = join(scratch, "usb");
    mkdirSync(place);
    const options = {
      ...TRAINING_DEFAULTS,
      ...({ folder: folder(), engine: "torch", mode: "head", epochs: 2, classesPerBatch: 4 } as const),
    };
    training.show(folder(), options);
    const state = () => training.current!.session.state;
    const act = () => training.current!.session.act("elsewhere");
    await until("the counts", () => state().data !== null && !state().counting);
    assert.equal(state().data?.problem, null);
    writeFileSync(join(place, "mine.txt"), "");
    const forget = answering(place, place, scratch, place);
    try {
      await act();
      assert.match(state().notice?.text ?? "", /usb is not empty/);
      rmSync(join(place, "mine.txt"));
      await act();
      await until("the folder", () => state().stage === "waiting", 200);
      assert.match(state().notice?.text ?? "", /Prepared in .*usb/);
      assert.match(readFileSync(join(place, "README.md"), "utf8"), /torchrun/);
      const env = { ...process.env, PYTHONDONTWRITEBYTECODE: "1" };
      await promisify(execFile)(PYTHON, ["trainer/train.py", "job", "--device", "cpu"], { cwd: place, env });
      await assert.rejects(training.importWeights(), /was not prepared for another machine/);
      await training.importWeights();
      await until("the model", () => state().stage === "done", 200);
    } finally {
      forget();
    }
    const { result } = state().run!;
    assert.ok(existsSync(result!.model));
    assert.ok(existsSync(join(place, "job", "result.safetensors")));
  });
});
