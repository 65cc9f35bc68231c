import type * as Core from "../core/index.ts";
import type { IndexPlaceOptions } from "./tools.ts";

/**
 * A command that looks at an index never starts one. What the command was given chooses the index, so it stands in what is to be
 * run first.
 * @param folder as it was given
 */
export function notIndexed(index: Core.FolderIndex, folder: string, options: IndexPlaceOptions): Error {
  const { model, index: place, form, adapt } = options;
  const given = [
    ...(place === undefined ? [] : [`--index "${place}"`]),
    ...(model === undefined ? [] : [`--model "${model}"`]),
    ...(form === undefined ? [] : [`--form ${form}`]),
    ...(adapt === false ? ["--no-adapt"] : []),
  ];
  const instead = model === undefined ? "" : ` with ${model}`;
  return new Error(
    `${index.folder} is not indexed${instead}. Run: ${["lookalike index", `"${folder}"`, ...given].join(" ")}`,
  );
}
