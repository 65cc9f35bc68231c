import { SingleBar } from "cli-progress";
import type * as Core from "../core/index.ts";
import { COMBINED, type ProjectionParameters, type ProjectionSummary, visible } from "../shared/index.ts";
import { notIndexed } from "./notIndexed.ts";
import { type IndexPlaceOptions, loadCore, withFolderIndex } from "./tools.ts";

interface ProjectOptions extends IndexPlaceOptions {
  readonly descriptor: string;
  readonly neighbours: number;
  readonly minDist: number;
  readonly seed: number;
  readonly sample?: number;
  readonly under: string;
  readonly out?: string;
  readonly guardFormulas?: boolean;
  /** Another model, whose combined map is laid beside that of the folder's. */
  readonly compare?: string;
  readonly json?: boolean;
}

/** `lookalike project`: maps of what is indexed; it never starts indexing by itself. Ctrl-C stops at once. */
export async function projectCommand(folder: string, options: ProjectOptions): Promise<void> {
  // Before minutes of work, not after them.
  if (options.out !== undefined) (await loadCore()).layoutFormat(options.out);
  return withSource(folder, options, async (source, core) => {
    const keep = options.compare === undefined;
    const asked = options.descriptor === "all" ? [...source.model.descriptors, COMBINED] : [options.descriptor];
    const { neighbours, minDist, seed, sample = null, under } = options;
    const parameters: ProjectionParameters = { neighbours, minDist, seed, sample, under };
    const abort = new AbortController();
    process.once("SIGINT", () => abort.abort());
    const bar = process.stderr.isTTY ? progressBar() : undefined;
    try {
      const { projection, summary } = await core.projectFolder(source, parameters, {
        descriptors: asked,
        signal: abort.signal,
        warn: console.error,
        keep,
        onProgress: (progress) => bar?.show(progress),
      });
      bar?.end();
      if (options.out !== undefined)
        await core.writeLayout(projection, asked, options.out, undefined, options.guardFormulas);
      const shown = onlyMaps(summary, asked);
      console.log(options.json ? JSON.stringify(shown, null, 2) : describe(visible(shown), options.out));
    } catch (error) {
      bar?.end();
      if (!abort.signal.aborted) throw error;
      console.error("Stopped. Nothing was kept of these maps.");
      process.exitCode = 130;
    }
  });
}

/** Opens the folder's index, or those of two models as one. */
async function withSource(
  folder: string,
  options: ProjectOptions,
  work: (source: Core.EmbeddingSource, core: typeof Core) => Promise<void>,
): Promise<void> {
  return withFolderIndex(folder, options, async (index, core) => {
    const source = await indexed(index, folder, options);
    const { compare } = options;
    if (compare === undefined) return work(source, core);
    return withFolderIndex(folder, { ...options, model: compare }, async (second) => {
      const other = await indexed(second, folder, { ...options, model: compare });
      const [one, two] = [source, other].map((each) => ({ label: each.model.name, source: each }));
      return work(core.comparedSource(one!, two!), core);
    });
  });
}

async function indexed(
  index: Core.FolderIndex,
  folder: string,
  options: ProjectOptions,
): Promise<Core.EmbeddingSource> {
  const source = index.source();
  if ((await source.paths()).length > 0) return source;
  throw notIndexed(index, folder, options);
}

/** Without the combined map that another one was aligned on, and without those of earlier runs. */
function onlyMaps(summary: ProjectionSummary, asked: readonly string[]): ProjectionSummary {
  return { ...summary, maps: Object.fromEntries(asked.map((name) => [name, summary.maps[name]!])) };
}

const PHASES: Readonly<Record<Core.ProjectionProgress["phase"], string>> = {
  reading: "Reading the index",
  neighbours: "Finding neighbours",
  layout: "Laying out maps",
  quality: "Measuring maps",
};

function progressBar(): { show(progress: Core.ProjectionProgress): void; end(): void } {
  const bar = new SingleBar({ format: "{phase} {bar} {percentage} %", hideCursor: true, stream: process.stderr });
  bar.start(1, 0, { phase: PHASES.reading });
  let ended = false;
  return {
    show: ({ phase, done }) => bar.update(done, { phase: PHASES[phase] }),
    end() {
      if (!ended) bar.stop();
      ended = true;
    },
  };
}

function describe({ images, excluded, maps, measured, reused, seconds }: ProjectionSummary, out?: string): string {
  const number = (value: number | null) => (value === null ? "-" : value.toFixed(3)).padStart(9);
  const source = { all: ", as kept from an earlier run", part: ", added to the maps of an earlier run", none: "" };
  return [
    `${images} image${images === 1 ? "" : "s"} in ${seconds.toFixed(1)} s${source[reused]}`,
    ...(excluded > 0 ? [`${excluded} left out: a branch of their embedding is zero or not finite`] : []),
    "",
    "    trust  neighbours  residual  map",
    ...Object.entries(maps).map(
      ([name, { trustworthiness, neighbourPreservation, alignmentResidual }]) =>
        `${number(trustworthiness)}   ${number(neighbourPreservation)} ${number(alignmentResidual)}  ${name}`,
    ),
    "",
    ...(measured.k === 0 ? ["Too few images to measure how well the maps keep neighbourhoods: it takes 45."] : []),
    `trust: few images are near in the map that are not alike; neighbours: share of the ${measured.k} most alike images that`,
    `are near in the map (both 0 to 1, over ${measured.images} images); residual: how far the map differs from combined.`,
    ...(out === undefined ? [] : [`Coordinates are in ${out}.`]),
  ].join("\n");
}
