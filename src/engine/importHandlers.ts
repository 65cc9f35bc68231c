import type { Handlers, ImportRequests, NetworkValue, PreprocessingChoice } from "../shared/index.ts";
import type { Folders } from "./folders.ts";

type Core = Awaited<ReturnType<Folders["core"]>>;
type Preprocessing = ReturnType<Core["preprocessing"]>;

/** What the engine answers about foreign networks. */
export function importHandlers(folders: Folders): Handlers<ImportRequests, unknown> {
  return {
    "import/inspect": async ({ file, size }) => {
      const { inspectModel, PREPROCESSING_NAMES } = await folders.core();
      const { producer, input, sizes, maps, vectors, chosen, preprocessing } = await inspectModel(file, { size });
      const { name, order } = preprocessing.preprocessing;
      const { because, certain } = preprocessing;
      const { width, height, fixedSize, type } = input;
      return {
        file,
        producer,
        input: { width, height, fixedSize, sizes, normalises: type === "uint8" },
        values: [
          ...maps.map(({ tensor, op, layout, channels, height: h, width: w }): NetworkValue => {
            return { tensor, op, tokens: layout === "tokens", shape: [channels, h, w] };
          }),
          ...vectors.map(({ tensor, op, dim }): NetworkValue => ({ tensor, op, tokens: false, shape: [dim] })),
        ],
        chosen: chosen.tensor,
        preprocessing: { name, order, because, certain },
        presets: PREPROCESSING_NAMES,
      };
    },

    "import/install": async ({ file, tensor, descriptors, preprocessing, size, name }) => {
      const core = await folders.core();
      const { oneByOne, check } = await core.installImported(await folders.shelf(), {
        file,
        name,
        map: tensor,
        branches: descriptors === null ? undefined : core.parseDescriptors(descriptors),
        preprocessing: preprocessing === null ? undefined : chosenBy(core, preprocessing),
        size,
      });
      return { name, oneByOne, checked: check.images };
    },
  };
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
