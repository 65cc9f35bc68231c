import { describeSetup, type SetupReport, visible } from "../shared/index.ts";
import { BUILT_IN, type IndexPlaceOptions } from "./tools.ts";

interface DoctorOptions extends IndexPlaceOptions {
  readonly in?: string;
  readonly fresh?: boolean;
  readonly json?: boolean;
}

/** `lookalike doctor`: the report goes to stdout; the exit code is 1 where something does not work. */
export async function doctorCommand({ in: folder, index, json, ...options }: DoctorOptions): Promise<void> {
  // Not by way of core, which cannot be imported where a native module is missing.
  const { checkSetup } = await import("../core/doctor/index.ts");
  const report = await checkSetup({ builtInModel: BUILT_IN, folder, location: index, ...options });
  console.log(json ? JSON.stringify({ ...counts(report), ...report }, null, 2) : describeSetup(visible(report)));
  if (!report.ok) process.exitCode = 1;
}

/** What a script asks for first, in the first place. */
function counts({ index }: SetupReport): object {
  if (index === undefined) return {};
  const { rows, images, duplicates, orphans } = index;
  return { rows, images, duplicates, orphans };
}
