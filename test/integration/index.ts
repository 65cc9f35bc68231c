/** Entry of the suites that run inside a real VS Code. */
import { writeFileSync } from "node:fs";
import Mocha from "mocha";
import { notes } from "./notes.ts";

interface Result {
  readonly passed: { readonly title: string; readonly seconds: number }[];
  readonly failed: { readonly title: string; readonly error: string }[];
  readonly skipped: string[];
  /** Figures that a suite wants printed. */
  readonly notes: string[];
}

/** Called by VS Code. Rejects where a test failed; the results are also written to the file that `TEST_RESULT_FILE` names. */
export async function run(): Promise<void> {
  const mocha = new Mocha({ ui: "tdd", timeout: 60_000, color: false });
  // A bundle has no files to look for, so each suite is imported here.
  mocha.suite.emit("pre-require", globalThis as unknown as Mocha.MochaGlobals, "", mocha);
  await import("./extension.test.ts");
  await import("./similar.test.ts");
  await import("./indexView.test.ts");
  await import("./badInput.test.ts");
  await import("./models.test.ts");
  await import("./ablation.test.ts");
  await import("./elsewhere.test.ts");
  const result: Result = { passed: [], failed: [], skipped: [], notes };
  const failures = await new Promise<number>((done) => {
    mocha
      .run(done)
      .on("pass", (test) => result.passed.push({ title: test.fullTitle(), seconds: (test.duration ?? 0) / 1000 }))
      .on("pending", (test) => result.skipped.push(test.fullTitle()))
      .on("fail", (test, error: Error) =>
        result.failed.push({ title: test.fullTitle(), error: error.stack ?? String(error) }),
      );
  });
  const file = process.env["TEST_RESULT_FILE"];
  if (file !== undefined) writeFileSync(file, JSON.stringify(result, null, 2));
  if (failures > 0) throw new Error(`${failures} tests failed`);
}
