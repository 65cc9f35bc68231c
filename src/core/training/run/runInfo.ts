import { join } from "node:path";
import { RUN_FILES, readTrainingRun, TrainingRuleError, type TrainingRunInfo } from "../../../shared/index.ts";
import { readRegularFile } from "../../files/index.ts";
import { TrainingError } from "../data/trainingError.ts";

/** Bytes. */
const MAX_INFO = 2 ** 20;

/** What a run is, from its folder. @throws TrainingError where there is no run, or one that cannot be understood */
export async function readRunInfo(runFolder: string): Promise<TrainingRunInfo> {
  const text = await readRegularFile(join(runFolder, RUN_FILES.info), MAX_INFO).catch((cause) => {
    throw new TrainingError(`There is no training in ${runFolder}. Check the folder.`, { cause });
  });
  let json: unknown;
  try {
    json = JSON.parse(text.toString("utf8"));
  } catch (cause) {
    throw new TrainingError(`The file ${RUN_FILES.info} in ${runFolder} is damaged. Start the training anew.`, {
      cause,
    });
  }
  try {
    return readTrainingRun(json);
  } catch (cause) {
    if (!(cause instanceof TrainingRuleError)) throw cause;
    throw new TrainingError(
      `The training in ${runFolder} cannot be understood: in ${RUN_FILES.info}, ${cause.message}. Start it anew.`,
      { cause },
    );
  }
}
