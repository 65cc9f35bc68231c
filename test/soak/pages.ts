/**
 * Random messages to the link of each page, from a seed: nothing is thrown past it, and each request has one answer of a declared
 * kind. `npm run soak -- pages [--count N] [--seed N]`, 30,000 where absent.
 */
import { registerHooks } from "node:module";
import { parseArgs } from "node:util";

// What the link of a page takes of VS Code is one class.
const VSCODE = "data:text/javascript,export class CancellationError extends Error {}";
registerHooks({
  resolve: (specifier, context, next) =>
    specifier === "vscode" ? { url: VSCODE, shortCircuit: true } : next(specifier, context),
});
const { fuzzPages } = await import("../fixtures/pageFuzz.ts");

const { count, seed } = parseArgs({
  options: { count: { type: "string", default: "30000" }, seed: { type: "string", default: "1" } },
}).values;
const { messages, answers, passed, faults } = await fuzzPages(Number(count), Number(seed));
console.log(
  `${messages} messages with seed ${seed}: ${answers} answers, ${passed} of them to parameters that are right`,
);
for (const fault of new Set(faults)) console.log(`not as it should be: ${fault}`);
process.exitCode = faults.length === 0 ? 0 : 1;
