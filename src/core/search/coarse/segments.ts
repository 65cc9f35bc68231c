import { CHUNK, codeBranch } from "./codes.ts";
import { type WasmMemory, wasm } from "./webAssembly.ts";

/** Bytes of one memory of WebAssembly: what every 64-bit platform grants. */
export const SEGMENT_BYTES = 2 ** 30;
const PAGE = 2 ** 16;
/** Rows whose codes lie together. */
export const GROUP = 4;
/** Rows of a segment are whole bytes of the filter's bits, and more. */
const ROWS_STEP = 4096;
/** Findings of one call. */
export const FINDINGS = 16_384;
const FINDING_BYTES = 16;
/** Threads that may look through a segment. */
export const MOST_THREADS = 8;
/** A segment grows by so much of what it has. */
const GROWTH = 1.25;

/** Where what lies in a segment. Bytes. */
export interface Layout {
  readonly dims: readonly number[];
  readonly groupBytes: number;
  readonly rowsPerSegment: number;
  readonly bits: number;
  /** Of what a thread needs for itself; those of all lie one after the other. */
  readonly area: number;
  readonly areaBytes: number;
  readonly rows: number;
}

export const filledUp = (dim: number): number => Math.ceil(dim / CHUNK) * CHUNK;

/** @param bytes of a segment at most */
export function layoutOf(dims: readonly number[], bytes: number): Layout {
  const values = dims.reduce((sum, dim) => sum + filledUp(dim), 0);
  const groupBytes = GROUP * (values + 8 * dims.length);
  // Parameters, tables of up to twice as many columns as branches and two more, codes, room for scores.
  const tables = 4096 + dims.length * 80 + (2 * dims.length + 2) * (8 + 8 * dims.length) + 2 * values;
  const areaBytes = roundUp(tables, 64) + FINDINGS * FINDING_BYTES;
  const fixed = 2 * PAGE + MOST_THREADS * areaBytes + ROWS_STEP;
  const steps = Math.floor((bytes - fixed) / ((groupBytes / GROUP + 1 / 8) * ROWS_STEP));
  const rowsPerSegment = Math.max(1, steps) * ROWS_STEP;
  const area = PAGE + rowsPerSegment / 8;
  return { dims, groupBytes, rowsPerSegment, bits: PAGE, area, areaBytes, rows: area + MOST_THREADS * areaBytes };
}

function roundUp(value: number, step: number): number {
  return Math.ceil(value / step) * step;
}

/** Bytes that a row of so many values takes. */
export const coarseBytes = (dims: readonly number[]): number => layoutOf(dims, SEGMENT_BYTES).groupBytes / GROUP;

/** Of a segment with so many rows. The kernel touches what lies 4 KB ahead of a row. */
const bytesOf = (layout: Layout, rows: number): number =>
  layout.rows + Math.ceil(rows / GROUP) * layout.groupBytes + PAGE;

/** Some of the rows, in a memory that threads share. */
class Segment {
  readonly memory: WasmMemory;
  codes!: Int8Array;
  numbers!: Float32Array;

  constructor(layout: Layout) {
    this.memory = new wasm.Memory({
      initial: Math.ceil(layout.rows / PAGE),
      maximum: Math.ceil(bytesOf(layout, layout.rowsPerSegment) / PAGE),
      shared: true,
    });
    this.#look();
  }

  /** @throws RangeError where there is no memory left */
  reserve(layout: Layout, rows: number): void {
    const needed = bytesOf(layout, rows);
    const has = this.codes.length;
    if (needed <= has) return;
    const wanted = Math.min(
      bytesOf(layout, layout.rowsPerSegment),
      Math.max(needed, layout.rows + (has - layout.rows) * GROWTH),
    );
    this.memory.grow(Math.ceil((wanted - has) / PAGE));
    this.#look();
  }

  #look(): void {
    this.codes = new Int8Array(this.memory.buffer);
    this.numbers = new Float32Array(this.memory.buffer);
  }
}

/**
 * Rows as codes of eight bits, with a scale and the norm of what the codes leave for each branch: a quarter of the memory of float32, and
 * scores with bounds that hold. In segments, each a memory of WebAssembly.
 */
export class CodedRows {
  readonly layout: Layout;
  readonly #segments: Segment[] = [];
  readonly #codes: readonly Int8Array[];

  /** @param bytes of a segment at most */
  constructor(dims: readonly number[], bytes = SEGMENT_BYTES) {
    this.layout = layoutOf(dims, bytes);
    this.#codes = dims.map((dim) => new Int8Array(dim));
  }

  get memories(): readonly WasmMemory[] {
    return this.#segments.map(({ memory }) => memory);
  }

  /** Makes room for so many rows. @throws RangeError where there is no memory left */
  reserve(count: number): void {
    const { rowsPerSegment } = this.layout;
    for (let s = 0; s * rowsPerSegment < count; s++) {
      this.#segments[s] ??= new Segment(this.layout);
      this.#segments[s]!.reserve(this.layout, Math.min(rowsPerSegment, count - s * rowsPerSegment));
    }
  }

  /** @param branches each of norm 1 or 0 */
  set(row: number, branches: readonly Float32Array[]): void {
    const { codes, numbers, group, lane, meta } = this.#place(row);
    let at = group + lane * CHUNK;
    for (const [b, branch] of branches.entries()) {
      const own = this.#codes[b]!;
      const { scale, error } = codeBranch(branch, own);
      for (let i = 0; i < own.length; i++) codes[at + (i & -CHUNK) * GROUP + (i & (CHUNK - 1))] = own[i]!;
      numbers[meta + 8 * b + lane] = scale;
      numbers[meta + 8 * b + GROUP + lane] = error;
      at += filledUp(branch.length) * GROUP;
    }
  }

  /** Whether a row has the codes of these branches. */
  is(row: number, branches: readonly Float32Array[]): boolean {
    const { codes, numbers, group, lane, meta } = this.#place(row);
    let at = group + lane * CHUNK;
    for (const [b, branch] of branches.entries()) {
      const own = this.#codes[b]!;
      const { scale, error } = codeBranch(branch, own);
      if (!Object.is(numbers[meta + 8 * b + lane], scale)) return false;
      if (!Object.is(numbers[meta + 8 * b + GROUP + lane], error)) return false;
      for (let i = 0; i < own.length; i++) {
        if (codes[at + (i & -CHUNK) * GROUP + (i & (CHUNK - 1))] !== own[i]!) return false;
      }
      at += filledUp(branch.length) * GROUP;
    }
    return true;
  }

  move(from: number, to: number): void {
    const [source, target] = [this.#place(from), this.#place(to)];
    const branches = this.layout.dims.length;
    const chunks = this.layout.groupBytes / GROUP - 8 * branches;
    for (let i = 0; i < chunks; i += CHUNK) {
      const start = source.group + i * GROUP + source.lane * CHUNK;
      target.codes.set(source.codes.subarray(start, start + CHUNK), target.group + i * GROUP + target.lane * CHUNK);
    }
    for (let i = 0; i < 2 * branches; i++) {
      target.numbers[target.meta + GROUP * i + target.lane] = source.numbers[source.meta + GROUP * i + source.lane]!;
    }
  }

  /** Says which rows may be found. */
  allow(allowed: Uint8Array): void {
    const { rowsPerSegment, bits } = this.layout;
    for (const [s, { codes }] of this.#segments.entries()) {
      const rows = allowed.subarray(s * rowsPerSegment, (s + 1) * rowsPerSegment);
      codes.fill(0, bits, bits + Math.ceil(rows.length / 8));
      for (let i = 0; i < rows.length; i++) if (rows[i] !== 0) codes[bits + (i >> 3)]! |= 1 << (i & 7);
    }
  }

  #place(row: number) {
    const { layout } = this;
    const segment = this.#segments[Math.floor(row / layout.rowsPerSegment)]!;
    const inside = row % layout.rowsPerSegment;
    const lane = inside % GROUP;
    const group = layout.rows + ((inside - lane) / GROUP) * layout.groupBytes;
    const meta = (group + layout.groupBytes) / 4 - 8 * layout.dims.length;
    return { codes: segment.codes, numbers: segment.numbers, group, lane, meta };
  }
}
