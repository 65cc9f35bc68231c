import { type DeviceChoice, describeSetup } from "../shared/index.ts";

interface DoctorOptions {
  readonly in?: string;
  readonly index?: string;
  readonly device: DeviceChoice;
  readonly fresh?: boolean;
  readonly json?: boolean;
}

/** `lookalike doctor`: the report goes to stdout; the exit code is 1 where something does not work. */
export async function doctorCommand(modelFile: string, options: DoctorOptions): Promise<void> {
  const { checkSetup } = await import("../core/doctor/index.ts");
  const report = await checkSetup({
    modelFile,
    device: options.device,
    folder: options.in,
    location: options.index,
    fresh: options.fresh,
  });
  console.log(options.json ? JSON.stringify(report, null, 2) : describeSetup(report));
  if (!report.ok) process.exitCode = 1;
}
