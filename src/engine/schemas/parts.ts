/** What the parameters of several requests are made of. */
import { isAbsolute } from "node:path";
import * as v from "valibot";
import {
  DEVICE_CHOICES,
  type FileFilter,
  FORM_CHOICES,
  type FolderParams,
  isDatabase,
  withoutPassword,
} from "../../shared/index.ts";

type Entries<T> = { readonly [K in keyof T]-?: v.GenericSchema<unknown, T[K] | undefined> };

/** A schema of an object's values; one that is forgotten is a compile error, and what has no schema is left out. */
export function objectOf<T>(entries: Entries<T>): v.GenericSchema<unknown, T> {
  // Each entry was held to the type of its value.
  return v.object(entries) as unknown as v.GenericSchema<unknown, T>;
}

/** A text without the character that ends texts in other languages. */
export const text = (max: number) =>
  v.pipe(
    v.string(),
    v.maxLength(max),
    v.check((given) => !given.includes("\0"), "a NUL character"),
  );

export const name = v.pipe(text(300), v.minLength(1));

/** Longer than any file system allows. */
const LONGEST_PATH = 16_384;
export const relativePath = text(LONGEST_PATH);
export const absolutePath = v.pipe(
  text(LONGEST_PATH),
  v.check((path) => isAbsolute(path), "not an absolute path"),
);

export const whole = (min: number, max: number) => v.pipe(v.number(), v.integer(), v.minValue(min), v.maxValue(max));
export const finite = (min: number, max: number) => v.pipe(v.number(), v.finite(), v.minValue(min), v.maxValue(max));

/** As many as an index may have images. */
export const listOf = <T>(item: v.GenericSchema<unknown, T>, max = 10_000_000) =>
  v.pipe(v.array(item), v.maxLength(max));

/** A value that the asker may leave out. */
export const maybe = <T>(value: v.GenericSchema<unknown, T>) => v.optional(value);

/** Of whoever asks, so that what streams in is told apart. */
export const run = whole(0, Number.MAX_SAFE_INTEGER);

export const device = v.picklist(DEVICE_CHOICES);

/** A user may have typed it as a setting. */
export const location = v.pipe(
  text(LONGEST_PATH),
  v.check(
    (place) => place === "" || isAbsolute(place) || isDatabase(place),
    ({ input }) =>
      `the place of the indexes is "${withoutPassword(input)}"; it has to be an absolute path or the address of a database`,
  ),
);

/** What names a folder's index. */
export const folderEntries: Entries<FolderParams> = {
  folder: absolutePath,
  location: maybe(location),
  device: maybe(device),
  adapt: maybe(v.boolean()),
  form: maybe(v.picklist(FORM_CHOICES)),
  thumbnailLimit: maybe(finite(0, Number.MAX_SAFE_INTEGER)),
  memory: maybe(finite(0, Number.MAX_SAFE_INTEGER)),
  decodeSeconds: maybe(finite(1, 3600)),
  refresh: maybe(finite(0, 86_400)),
  model: maybe(name),
};

const globs = listOf(text(4096), 1000);

export const fileFilter = objectOf<FileFilter>({
  include: maybe(globs),
  exclude: maybe(globs),
  gitignore: maybe(v.boolean()),
  shadows: maybe(v.boolean()),
  wholeOnly: maybe(v.boolean()),
});
