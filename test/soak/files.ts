/**
 * Damaged files of each format, from a seed: none ends the process that reads it or takes longer than it may, each is read or
 * refused with a reason, and a damaged index finds what it found before.
 * `npm run soak -- files [format ...] [--count N] [--seed N]`, 5,000 of every format where absent.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { FUZZED, fuzzFiles } from "../fixtures/fuzzedFiles.ts";

const { values, positionals } = parseArgs({
  options: { count: { type: "string", default: "5000" }, seed: { type: "string", default: "1" } },
  allowPositionals: true,
});
for (const name of positionals)
  if (!FUZZED.some((known) => known === name)) throw new RangeError(`No format ${name}: ${FUZZED.join(", ")}.`);
for (const name of FUZZED) {
  if (positionals.length > 0 && !positionals.includes(name)) continue;
  const root = mkdtempSync(join(tmpdir(), "lookalike-files-"));
  const { files, refused, slowest, faults } = await fuzzFiles(root, name, Number(values.count), Number(values.seed));
  const how = faults.length === 0 ? "no death, no hang, a reason each" : `see ${root}`;
  console.log(
    `${name.padEnd(11)} ${files} files, ${refused} refused; ${slowest.toFixed(1)} s for the slowest 50: ${how}`,
  );
  for (const fault of faults) console.log(`  not as it should be: ${fault}`);
  if (faults.length > 0) process.exitCode = 1;
  else rmSync(root, { recursive: true, force: true });
}
