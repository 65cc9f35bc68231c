import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { ROOT } from "./paths.mjs";

/** Runs one of the project's tools or scripts with its output shown. @returns whether it succeeded */
export function runTool(tool: string, args: readonly string[]): boolean {
  const program = tool.endsWith(".ts") ? process.execPath : join(ROOT, "node_modules", ".bin", tool);
  const toolArgs = tool.endsWith(".ts") ? [join(ROOT, tool), ...args] : args;
  return spawnSync(program, toolArgs, { cwd: ROOT, stdio: "inherit" }).status === 0;
}
