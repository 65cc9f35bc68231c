import { ADAPTED_SUFFIX, INT8_PART, type InstalledModel } from "../../shared/index.ts";

/** A model of a comparison: an installed one, in one of the forms that a folder can be searched with. */
export interface ComparedChoice {
  /** Unique in the comparison; the name that the form has elsewhere too. */
  readonly label: string;
  /** Under which the model is installed. */
  readonly model: string;
  /** Whether it is adapted to the folder; absent: as the settings say. */
  readonly adapt?: boolean;
}

/**
 * The forms of a model that can be compared: as it is, and adapted to the folder where it can be.
 * @param adapts whether models are adapted to folders at all
 */
export function formsOf({ name, manifest }: InstalledModel, adapts: boolean): ComparedChoice[] {
  if (manifest === null) return [];
  const plain = { label: name, model: name, adapt: false };
  // What learned already is not adapted: another head behind would give that up.
  if (!adapts || manifest.training !== null) return [plain];
  return [{ label: `${name}${ADAPTED_SUFFIX}`, model: name, adapt: true }, plain];
}

/** What a request carries of it. */
export function askedOf(choice: ComparedChoice | undefined): { model?: string; adapt?: boolean } {
  if (choice === undefined) return {};
  const { model, adapt } = choice;
  return { model, ...(adapt === undefined ? {} : { adapt }) };
}

/**
 * The label of a form, once a model has answered: its name for itself, which it has in the panel too, where that tells the form only.
 * @param notAdapted names the form where the model could not be adapted
 */
export function labelOf(
  { label, model, adapt }: ComparedChoice,
  answered: string,
  notAdapted: (model: string) => string,
): string {
  if (adapt === true && !answered.endsWith(ADAPTED_SUFFIX)) return notAdapted(model);
  return answered.replace(INT8_PART, "") === label ? answered : label;
}
