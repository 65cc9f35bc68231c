/**
 * From a click to the first results in VS Code, on an index of 10,000 images: the browser test of it with more rounds.
 * `npm run bench -- clicks [rounds]`
 */
import { runTool } from "../../scripts/lib/run.ts";

const [rounds = "5"] = process.argv.slice(2);
process.env["LOOKALIKE_ROUNDS"] = rounds;
const args = ["run", "--config", "vitest.e2e.config.ts", "test/e2e/similarSpeed.test.ts"];
if (!runTool("vitest", args)) process.exitCode = 1;
