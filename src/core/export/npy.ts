/** Bytes per character of a numpy unicode array (`<U`): UTF-32. */
const CHARACTER = 4;

/** A numpy array in a `.npy` file, as far as its header says. */
export interface NpyArray {
  /** Such as `<f4` or `<U12`. */
  readonly dtype: string;
  readonly shape: readonly number[];
}

/**
 * The header of a `.npy` file, version 1.0; the values follow it, row by row (numpy.lib.format). Its length is a
 * multiple of 64, so that a mapped file has aligned values.
 */
export function npyHeader({ dtype, shape }: NpyArray): Uint8Array {
  const axes = shape.length === 1 ? `${shape[0]},` : shape.join(", ");
  const description = `{'descr': '${dtype}', 'fortran_order': False, 'shape': (${axes}), }`;
  const padding = 63 - ((10 + description.length) % 64);
  const text = `${description}${" ".repeat(padding)}\n`;
  const header = Buffer.alloc(10 + text.length);
  header.write("\x93NUMPY\x01\x00", "latin1");
  header.writeUInt16LE(text.length, 8);
  header.write(text, 10, "latin1");
  return header;
}

/** How texts lie in a numpy unicode array: all as wide as the longest one, in code points. */
export interface TextLayout extends NpyArray {
  /** Code points. */
  readonly width: number;
}

export function textLayout(texts: readonly string[]): TextLayout {
  const width = texts.reduce((most, text) => Math.max(most, [...text].length), 1);
  return { dtype: `<U${width}`, shape: [texts.length], width };
}

/** Values of a numpy unicode array: little endian UTF-32, filled up with zeros. */
export function npyTexts(texts: readonly string[], width: number): Uint8Array {
  const bytes = Buffer.alloc(texts.length * width * CHARACTER);
  for (const [t, text] of texts.entries()) {
    let offset = t * width * CHARACTER;
    for (const character of text) offset = bytes.writeUInt32LE(character.codePointAt(0)!, offset);
  }
  return bytes;
}

/** Bytes of the whole `.npy` file. */
export function npySize(array: NpyArray): number {
  const characters = array.dtype.startsWith("<U") ? Number(array.dtype.slice(2)) : 1;
  return npyHeader(array).length + array.shape.reduce((product, n) => product * n, CHARACTER * characters);
}
