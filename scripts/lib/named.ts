import { runTool } from "./run.ts";

/** Runs one of several scripts by its name, with the arguments that follow it; without a name it tells the names. */
export function runNamed(command: string, scripts: Readonly<Record<string, string>>): void {
  const [name, ...args] = process.argv.slice(2);
  const script = name === undefined ? undefined : scripts[name];
  if (script === undefined) {
    console.error(`usage: npm run ${command} -- <${Object.keys(scripts).join("|")}> [arguments]`);
    process.exitCode = 2;
  } else if (!runTool(script, args)) {
    process.exitCode = 1;
  }
}
