import { promises as fs } from "node:fs";
import type { CancellationToken } from "vscode-jsonrpc/node";
import type { Handlers, ImportRequests, NetworkValue, PreprocessingChoice } from "../shared/index.ts";
import { cancellable } from "./cancellable.ts";
import type { Folders } from "./folders.ts";

const CANCELLED = "The import was cancelled.";

type Core = Awaited<ReturnType<Folders["core"]>>;
type Preprocessing = ReturnType<Core["preprocessing"]>;

/** What the engine answers about foreign networks. They are read in a process of their own. */
export function importHandlers(folders: Folders): Handlers<ImportRequests, CancellationToken> {
  return {
    "import/inspect": async ({ file, size, tensor: map }, token) => {
      const { importAside, NothingToTakeError, PREPROCESSING_NAMES } = await folders.core();
      const found = await cancellable(token, CANCELLED, (signal) =>
        importAside("inspect", { file, size, map }, { file, signal }),
      ).catch((error: unknown) => {
        if (error instanceof NothingToTakeError) return error;
        throw error;
      });
      if (found instanceof NothingToTakeError) return { refused: found.message, values: found.values };
      const { producer, input, sizes, maps, vectors, firstLayer, chosen, configs, notes, preprocessing } = found;
      const { name, order, mean, std } = preprocessing.preprocessing;
      const { because, certain } = preprocessing;
      const share = (values: readonly number[]) => values.map((value) => value / 255);
      const { width, height, fixedSize, type } = input;
      return {
        file,
        producer,
        input: { width, height, fixedSize, sizes, normalises: type === "uint8" },
        values: [
          ...maps.map(({ tensor, op, layout, channels, height: h, width: w, others }): NetworkValue => {
            const firstOfAll = firstLayer.includes(tensor);
            return {
              tensor,
              op,
              tokens: layout === "tokens" ? others : null,
              firstLayer: firstOfAll,
              shape: [channels, h, w],
            };
          }),
          ...vectors.map(({ tensor, op, dim }): NetworkValue => {
            return { tensor, op, tokens: null, firstLayer: false, shape: [dim] };
          }),
        ],
        chosen: chosen.tensor,
        preprocessing: { name, order, mean: share(mean), std: share(std), because, certain },
        presets: PREPROCESSING_NAMES,
        licence: configs.trained.licence ?? null,
        notes: [...configs.trained.notes, ...notes],
        text: await textBeside(file),
      };
    },

    "import/install": async ({ file, tensor, descriptors, preprocessing, size, name, text }, token) => {
      const core = await folders.core();
      const shelf = await folders.shelf();
      const options = {
        file,
        name,
        map: tensor,
        branches: descriptors === null ? undefined : core.parseDescriptors(descriptors),
        preprocessing: preprocessing === null ? undefined : chosenBy(core, preprocessing),
        size,
        ...(text === undefined ? {} : { text: { file: text } }),
      };
      const { oneByOne, check } = await cancellable(token, CANCELLED, (signal) =>
        core.installImported(shelf, options, signal),
      );
      return { name, oneByOne, checked: check.images };
    },
  };
}

/** As exports name the two towers; a whole model has both. */
async function textBeside(file: string): Promise<string | null> {
  const text = file.replace(/vision_model([^/\\]*\.onnx)$/i, "text_model$1");
  const other = text === file ? file.replace(/([/\\])visual([/\\][^/\\]+\.onnx)$/i, "$1textual$2") : text;
  if (other === file) return null;
  return fs.access(other).then(
    () => other,
    () => null,
  );
}

/** @returns undefined for the one that the files beside the network say, which the import reads by itself */
function chosenBy(core: Core, choice: PreprocessingChoice): Preprocessing | undefined {
  if ("name" in choice) {
    if (choice.name === "as trained") return undefined;
    const name = core.PREPROCESSING_NAMES.find((preset) => preset === choice.name);
    if (name === undefined) throw new core.ModelError(`There is no preprocessing "${choice.name}".`);
    return core.preprocessing(name, choice.order);
  }
  return core.customPreprocessing(triple(core, choice.mean), triple(core, choice.std), choice.order);
}

function triple(core: Core, values: readonly number[]): readonly [number, number, number] {
  const [a, b, c] = values;
  if (values.length === 3 && a !== undefined && b !== undefined && c !== undefined) return [a, b, c];
  throw new core.ModelError("Mean and std of the preprocessing are three numbers each.");
}
