import { createHash } from "node:crypto";
import { existsSync, promises as fs } from "node:fs";
import { basename, dirname, extname, join } from "node:path";
import { type FormChoice, int8FileOf, MIN_ADAPTED, type TextLink } from "../../shared/index.ts";
import { adaptModel, type SecondNetwork } from "../adaptation/index.ts";
import { isPrivate, makeFolder, readRegularFile, writeFileAtomically } from "../files/index.ts";
import { findImages } from "../images/index.ts";
import type { IndexPlace, SkippedRecord, Store, StoreObserver, UpdateOptions } from "../index/index.ts";
import { adaptedModelFile, formFor, quarantine, StoreError, usedForm } from "../index/index.ts";
import { Proofs, proveModel } from "../model/import/index.ts";
import { ModelError, type ModelForm, readManifest, readModelFile, SECOND_MODEL_NAME } from "../model/index.ts";
import type { Embedder, EmbedderPool, TextTower } from "../runtime/index.ts";

/** Bytes of the file with fingerprints. */
const MAX_PRINTS = 4096;

/** A model that was just adapted. */
export interface AdaptedModel {
  readonly embedder: Embedder;
  /** Files that end a process: its index is not to try them either. */
  readonly deadly: readonly SkippedRecord[];
  /** Files that the sample does without, since two processes died one after the other while they held just these. */
  readonly leftOut: readonly string[];
  /** Makes it the folder's adapted model, in place of the one before. */
  adopt(): Promise<void>;
}

/** A model as one folder uses it: as it is, or in the form that is adapted to the folder, a file beside its indexes. */
export class FolderModel {
  readonly #folder: string;
  readonly #place: IndexPlace;
  readonly #pool: EmbedderPool;
  readonly #modelFile: string;
  readonly #choice: FormChoice;
  readonly #proofs = new Proofs();
  #form: ModelForm;

  /** @throws ModelError where `modelFile` is no model of ours */
  static async of(
    folder: string,
    place: IndexPlace,
    pool: EmbedderPool,
    modelFile: string,
    choice: FormChoice,
  ): Promise<FolderModel> {
    return new FolderModel(folder, place, pool, modelFile, choice, await formFor(place, modelFile, choice, pool));
  }

  private constructor(
    folder: string,
    place: IndexPlace,
    pool: EmbedderPool,
    modelFile: string,
    choice: FormChoice,
    form: ModelForm,
  ) {
    this.#folder = folder;
    this.#place = place;
    this.#pool = pool;
    this.#modelFile = modelFile;
    this.#choice = choice;
    this.#form = form;
  }

  get #baseFile(): string {
    return this.#form.file;
  }

  get #basePrint(): string {
    return this.#form.fingerprint;
  }

  get #adaptedFile(): string {
    return adaptedModelFile(this.#place.file(this.#basePrint));
  }

  /** Takes the form that another place has an index of, where this one has none yet and nobody asked for a form. */
  async followForm(source: IndexPlace): Promise<void> {
    if (this.#choice !== "auto" || (await usedForm(this.#place, this.#modelFile)) !== null) return;
    this.#form = (await usedForm(source, this.#modelFile)) ?? this.#form;
  }

  /** The network that may join the model: it lies beside the default one, and comes in the form that the model has. */
  async #second(base: Embedder): Promise<SecondNetwork | undefined> {
    const float = join(dirname(this.#modelFile), `${SECOND_MODEL_NAME}.onnx`);
    if (float === this.#modelFile || base.manifest.training !== null) return undefined;
    const file = base.manifest.precision === "int8" && existsSync(int8FileOf(float)) ? int8FileOf(float) : float;
    const bytes = await readRegularFile(file).catch(() => null);
    if (bytes === null) return undefined;
    // Beside a model of the user's own lies whatever its folder holds.
    await proveModel(bytes, file);
    return { embedder: await this.#pool.get(file), bytes, file };
  }

  /** The model as it is. */
  async base(): Promise<Embedder> {
    return this.#called(await this.#pool.get(this.#baseFile));
  }

  /** A model goes by its file's name: it may have been renamed since it was written, or adapted. */
  #called(embedder: Embedder): Embedder {
    const { file, manifest } = this.#form;
    const own = file === this.#modelFile ? basename(file, extname(file)) : manifest.name;
    const written = embedder.manifest.name;
    const name = written.startsWith(manifest.name) ? `${own}${written.slice(manifest.name.length)}` : written;
    if (embedder.summary.name !== name) embedder.summary = { ...embedder.summary, name };
    return embedder;
  }

  /** The text tower of the model; the adapted form has the same. @throws ModelError where it cannot be used */
  textTower(link: TextLink): Promise<TextTower> {
    return this.#pool.textTower(this.#baseFile, link);
  }

  /** The adapted form, else the model as it is; a damaged form is put aside, and the next update makes it again. */
  async adaptedOrBase(warn: (message: string) => void, again = false): Promise<Embedder> {
    try {
      if (!(await this.isAdapted())) return this.base();
    } catch (error) {
      if (!(error instanceof ModelError)) throw error;
      warn(
        `${error.message} The model as it is is used meanwhile; index with --rebuild to make its adapted form anew.`,
      );
      return this.base();
    }
    try {
      // Where others may write, it may be theirs.
      if (!isPrivate(this.#adaptedFile)) await this.#proofs.proveFile(this.#adaptedFile);
      const embedder = this.#called(await this.#pool.get(this.#adaptedFile));
      if (await this.#isKept(embedder.summary.fingerprint)) return embedder;
      throw new Error("its checksum is another one");
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      const aside = `${this.#adaptedFile}.damaged-${Date.now()}`;
      const next = await fs.rename(this.#adaptedFile, aside).then(
        () =>
          `It was put aside as ${aside}, and is ${this.#place.models === null ? "made again by the next update" : "fetched again"}.`,
        () => "Delete it.",
      );
      warn(`The adapted model ${this.#adaptedFile} cannot be used (${reason}). ${next}`);
      if (this.#place.models !== null && !again) return this.adaptedOrBase(warn, true);
      return this.base();
    }
  }

  /** Whether a fingerprint is the adapted form's; where none was kept, as by an earlier version, any is. */
  async #isKept(fingerprint: string): Promise<boolean> {
    const kept = await this.#prints();
    return kept === null || kept.split("\n").includes(fingerprint);
  }

  /** null where none is kept. */
  async #prints(): Promise<string | null> {
    return readRegularFile(this.#printFile, MAX_PRINTS).then(
      (bytes) => bytes.toString(),
      () => null,
    );
  }

  /** Beside the adapted form: fingerprints that it may have. */
  get #printFile(): string {
    return this.#adaptedFile.replace(/\.onnx$/, ".sha256");
  }

  /**
   * Makes the adapted form of another place the one of this. It is a model of others, so it is proven first.
   * @throws ModelError where it does not pass; StoreError where there is another adapted form already
   */
  async takeOver(bytes: Uint8Array, file: string): Promise<void> {
    const fingerprint = createHash("sha256").update(bytes).digest("hex");
    if (await this.isAdapted()) {
      if ((await readModelFile(this.#adaptedFile)).fingerprint === fingerprint) return;
      throw new StoreError(
        `${this.#adaptedFile} and ${file} are adapted to different images, so their vectors do not compare. Delete the index ` +
          "of one of them first.",
      );
    }
    await this.#takeIn(bytes, fingerprint, file);
    await this.#place.models?.publish(this.#basePrint, fingerprint, bytes);
  }

  async #takeIn(bytes: Uint8Array, fingerprint: string, from: string): Promise<void> {
    if (readManifest(bytes, from).training?.base !== this.#basePrint) {
      throw new ModelError(`${from} was adapted from another model. Choose the model that it was made from.`);
    }
    await this.#proofs.prove(bytes, from);
    makeFolder(dirname(this.#adaptedFile));
    await writeFileAtomically(this.#adaptedFile, bytes);
    await writeFileAtomically(this.#printFile, Buffer.from(fingerprint));
  }

  /** Where others share the adapted form, the file here becomes what they have; proven first, since others made it. */
  async #follow(): Promise<void> {
    const { models, title } = this.#place;
    if (models === null) return;
    const current = await models.current(this.#basePrint);
    if (current === null) return fs.rm(this.#adaptedFile, { force: true });
    const kept = await this.#prints();
    if (kept === current && (await this.#isHere())) return;
    await this.#takeIn(await models.fetch(this.#basePrint), current, `The adapted model in ${title}`);
    await this.#pool.reload(this.#adaptedFile);
  }

  async isAdapted(): Promise<boolean> {
    await this.#follow();
    return this.#isHere();
  }

  #isHere(): Promise<boolean> {
    return fs.access(this.#adaptedFile).then(
      () => true,
      () => false,
    );
  }

  /**
   * Adapts the model to the images that the folder has now. Files that an earlier process held when it died, and that do no
   * harm alone, come first and one by one: so the next death would tell which one it was, and a run that was killed gives the
   * same model as one that was not. Where the next process dies with just the same files, they are left out.
   * @param store where files are noted while they are in flight
   * @param observer told of paths that are no longer in the store
   * @param most images that are looked at, at most
   * @returns the adapted form, in a file of its own until it is adopted; null where the images are too few, or too alike
   */
  async adapt(
    store: Store,
    observer: Pick<StoreObserver, "dropped">,
    { filter, signal, second = false, handcrafted = false, onProgress = () => {} }: UpdateOptions,
    most: number,
  ): Promise<AdaptedModel | null> {
    const { images } = await findImages(this.#folder, { filter, signal });
    if (images.length < MIN_ADAPTED) return null;
    const base = await this.base();
    const { deadly, harmless, twice } = await quarantine(this.#folder, store, base, { again: true, signal });
    await observer.dropped(deadly.map(({ path }) => path));
    const leftOut = new Set([...deadly.map(({ path }) => path), ...twice]);
    const sampled = images.filter(({ path }) => !leftOut.has(path));
    const inFlight = new Set<string>();
    const started = performance.now();
    const bytes = await adaptModel(this.#folder, sampled, base, await readRegularFile(this.#baseFile), {
      signal,
      alone: harmless,
      most,
      second: second ? await this.#second(base) : undefined,
      handcrafted,
      notes: {
        begin: (path) => {
          inFlight.add(path);
          // Decoding runs ahead, and nobody is left who would catch it when the run is cancelled.
          return store.attempt([path]).catch(() => {});
        },
        end: (path) => {
          inFlight.delete(path);
          return store.endAttempts([path]);
        },
      },
      onProgress(done, total) {
        const perSecond = done / Math.max(0.001, (performance.now() - started) / 1000);
        const secondsLeft = done > 0 ? (total - done) / perSecond : null;
        onProgress({ phase: "adapting", done, total, skipped: 0, imagesPerSecond: perSecond, secondsLeft });
      },
    }).finally(() => store.endAttempts([...inFlight]).catch(() => {}));
    if (bytes === null) return null;
    const next = this.#adaptedFile.replace(/\.onnx$/, ".next.onnx");
    makeFolder(dirname(next));
    await writeFileAtomically(next, bytes);
    const embedder = await this.#pool.reload(next);
    return {
      embedder,
      deadly,
      leftOut: twice,
      adopt: async () => {
        const { fingerprint } = embedder.summary;
        await this.#place.models?.publish(this.#basePrint, fingerprint, bytes);
        if (!isPrivate(this.#adaptedFile)) await this.#proofs.trust(fingerprint);
        const before = (await this.#prints()) ?? "";
        // Both, until the one is in the place of the other.
        await writeFileAtomically(this.#printFile, Buffer.from(`${fingerprint}\n${before}`));
        await fs.rename(next, this.#adaptedFile);
        await writeFileAtomically(this.#printFile, Buffer.from(fingerprint));
        await store.endAttempts();
        // It is read again where scores are explained.
        embedder.file = this.#adaptedFile;
        this.#pool.renamed(next, this.#adaptedFile);
      },
    };
  }
}
