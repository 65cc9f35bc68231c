import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { tinyModel } from "../../fixtures/tinyModel.ts";

// onnxruntime would leave a device number, a database of events and a log, for its maker.
test("a model that is proved in a process of its own and then run leaves nothing behind, in the home folder or elsewhere", async () => {
  const root = mkdtempSync(join(tmpdir(), "lookalike-telemetry-"));
  try {
    const home = join(root, "home");
    mkdirSync(home);
    const model = join(root, "tiny.onnx");
    writeFileSync(model, tinyModel("tiny"));
    const env: NodeJS.ProcessEnv = { ...process.env, HOME: home, USERPROFILE: home };
    for (const name of ["TMPDIR", "TEMP", "TMP", "LOCALAPPDATA"]) env[name] = home;
    for (const name of ["XDG_CACHE_HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "ORT_DISABLE_TELEMETRY"])
      delete env[name];
    const program = join(import.meta.dirname, "telemetryChild.ts");
    const { stdout } = await promisify(execFile)(process.execPath, [program, model], { env });
    expect(stdout).toBe("proved, and 3 values\n");
    expect(readdirSync(home, { recursive: true })).toEqual([]);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
});
