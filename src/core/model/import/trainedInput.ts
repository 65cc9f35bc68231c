import type { InputSpec, ResizeKernel, ResizeRule } from "../../../shared/index.ts";
import { resizedInput } from "../../images/index.ts";
import type { Inspection } from "./inspect.ts";

interface Asked {
  readonly resize?: ResizeRule | undefined;
  readonly kernel?: ResizeKernel | undefined;
}

/**
 * How pictures come to the network's size: as was asked, else as the files beside the network say, brought to the size at
 * which it is used, else squashed.
 */
export function trainedInput({ input, configs }: Inspection, asked: Asked): InputSpec {
  const { width, height } = input;
  const { trained } = configs;
  const kernel = asked.kernel ?? trained.kernel;
  const spec: InputSpec = {
    width: trained.width ?? width,
    height: trained.height ?? height,
    resize: trained.resize ?? "squash",
    background: [255, 255, 255],
    ...(kernel === undefined ? {} : { kernel }),
  };
  return asked.resize === undefined
    ? resizedInput(spec, width, height)
    : { ...spec, width, height, resize: asked.resize };
}
