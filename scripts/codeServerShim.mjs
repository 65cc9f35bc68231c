#!/usr/bin/env node
/**
 * Takes the switches that @vscode/test-electron gives to VS Code, and runs the extension tests in code-server with a
 * headless Chromium instead. The exit code is the tests'; the caller must also look at the results they wrote, since an
 * extension host that dies is reported as success.
 */
import { cpSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { launchBrowser } from "./lib/browser.ts";
import { startCodeServer } from "./lib/codeServer.ts";
import { ROOT } from "./lib/paths.mjs";

const TIMEOUT = 8 * 60_000;

const options = new Map();
const positional = [];
for (const arg of process.argv.slice(2)) {
  const match = /^--([^=]+)(?:=(.*))?$/s.exec(arg);
  if (match) options.set(match[1], match[2] ?? "");
  else positional.push(arg);
}

const server = await startCodeServer();
const browser = await launchBrowser();
let code = 1;
try {
  const page = await browser.newPage({ viewport: { width: 1400, height: 900 } });
  const done = new Promise((resolve) => page.exposeFunction("codeAutomationExit", (result) => resolve(Number(result))));
  // The workbench's own log; the suites write their results to a file.
  await page.exposeFunction("codeAutomationLog", (_type, args) => {
    if (process.env.VERBOSE) console.log(...args);
  });
  await page.goto(
    server.address(positional[0], {
      extensionDevelopmentPath: options.get("extensionDevelopmentPath"),
      extensionTestsPath: options.get("extensionTestsPath"),
    }),
  );
  const timeout = new Promise((resolve) => setTimeout(resolve, TIMEOUT, 124).unref());
  code = await Promise.race([done, timeout]);
  if (code !== 0) {
    const logs = join(ROOT, "out", "logs");
    mkdirSync(logs, { recursive: true });
    await page.screenshot({ path: join(logs, "integration.png") });
    cpSync(join(server.userData, "logs"), join(logs, "integration"), { recursive: true });
    console.log(`A screenshot and VS Code's logs are in ${logs}`);
  }
} finally {
  await browser.close();
  await server.stop();
}
process.exit(code);
