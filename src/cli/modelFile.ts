import { extname } from "node:path";
import { InvalidArgumentError } from "commander";

/**
 * Where a model is to be written: without its ending `--model`, the panels and other programs would not know it as one.
 * @throws InvalidArgumentError
 */
export function parseModelFile(file: string): string {
  if (extname(file).toLowerCase() === ".onnx") return file;
  throw new InvalidArgumentError(`A model's file ends in .onnx, such as ${file}.onnx.`);
}
