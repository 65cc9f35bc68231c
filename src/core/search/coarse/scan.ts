import { FINDINGS, GROUP, type Layout } from "./segments.ts";
import type { WasmMemory } from "./webAssembly.ts";

/** Groups that a thread takes at once. */
const TAKEN = 1024;
/** Groups of a call of the kernel: what is found in one knows nothing of what is better in the same. */
const STEP = 256;
/** Of the first call: until a column knows its least score, every row is found. */
const FIRST = 16;

/** What a column's score is made of. */
export interface Term {
  readonly branch: number;
  readonly weight: number;
}

export interface ScanColumn {
  readonly terms: readonly Term[];
  /** How many rows are wanted. */
  readonly k: number;
}

/** A query as the kernel takes it. */
export interface ScanQuery {
  readonly branches: readonly {
    readonly codes: Int16Array;
    readonly factor: number;
    readonly norm: number;
    readonly square: number;
    readonly slack: number;
  }[];
  readonly columns: readonly ScanColumn[];
  readonly count: number;
  readonly filtered: boolean;
}

/** Rows that may be among the best of a column, as the kernel writes them: 16 bytes each, row, column, bounds of the score. */
export class Findings {
  readonly words: Uint32Array;
  readonly #numbers: Float32Array;
  readonly count: number;

  /** @param words uint32 `[count, 4]` */
  constructor(words: Uint32Array, count = words.length / 4) {
    this.words = words;
    this.#numbers = new Float32Array(words.buffer, words.byteOffset, words.length);
    this.count = count;
  }

  row(i: number): number {
    return this.words[4 * i]!;
  }

  column(i: number): number {
    return this.words[4 * i + 1]!;
  }

  low(i: number): number {
    return this.#numbers[4 * i + 2]!;
  }

  high(i: number): number {
    return this.#numbers[4 * i + 3]!;
  }

  /** Those whose score may be as high as their column's limit. */
  above(limits: readonly number[]): Findings {
    const words = new Uint32Array(4 * this.count);
    let at = 0;
    for (let i = 0; i < this.count; i++) {
      if (!(this.high(i) >= limits[this.column(i)]!)) continue;
      for (let j = 0; j < 4; j++) words[at++] = this.words[4 * i + j]!;
    }
    return new Findings(words.slice(0, at));
  }
}

/** The `scan` of the kernel, over one segment. */
export interface Kernel {
  readonly memory: WasmMemory;
  readonly scan: (params: number, first: number, groups: number) => number;
}

/** The highest `k` numbers that came: a heap with the least of them at its root. */
class Best {
  readonly #heap: Float32Array;
  #size = 0;

  constructor(k: number) {
    this.#heap = new Float32Array(k);
  }

  /** The k-th highest; below all numbers where there are fewer. */
  get least(): number {
    return this.#size === this.#heap.length ? this.#heap[0]! : Number.NEGATIVE_INFINITY;
  }

  add(value: number): void {
    const heap = this.#heap;
    if (this.#size < heap.length) {
      let i = this.#size++;
      for (; i > 0 && heap[(i - 1) >> 1]! > value; i = (i - 1) >> 1) heap[i] = heap[(i - 1) >> 1]!;
      heap[i] = value;
      return;
    }
    if (!(value > heap[0]!)) return;
    let i = 0;
    for (;;) {
      let child = 2 * i + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && heap[child + 1]! < heap[child]!) child++;
      if (heap[child]! >= value) break;
      heap[i] = heap[child]!;
      i = child;
    }
    heap[i] = value;
  }
}

/**
 * One thread's part of a pass over the rows.
 * @param kernels one per segment
 * @param area number of the thread
 * @param next int32 `[1]`, shared by the threads: the next rows that nobody took
 * @returns rows that may be among the best of a column, as far as this thread knows
 */
export function scanRows(
  kernels: readonly Kernel[],
  layout: Layout,
  query: ScanQuery,
  area: number,
  next: Int32Array,
): Findings {
  const { rowsPerSegment } = layout;
  const best = query.columns.map(({ k }) => new Best(k));
  const limits = () => best.map(({ least }) => least);
  const perSegment = Math.ceil(rowsPerSegment / GROUP / TAKEN);
  const most = Math.floor(FINDINGS / (GROUP * query.columns.length));
  const prepared = new Map<number, Prepared>();
  let found = new Kept();
  let step = FIRST;
  for (;;) {
    const part = Atomics.add(next, 0, 1);
    const s = Math.floor(part / perSegment);
    const rows = Math.min(rowsPerSegment, query.count - s * rowsPerSegment);
    const first = (part % perSegment) * TAKEN;
    if (rows <= 0) return found.all().above(limits());
    const end = Math.min(first + TAKEN, Math.ceil(rows / GROUP));
    if (first >= end) continue;
    let segment = prepared.get(s);
    if (segment === undefined) {
      segment = prepare(kernels[s]!, layout, query, area, rows);
      prepared.set(s, segment);
    }
    for (let group = first; group < end; ) {
      const groups = Math.min(step, most, end - group);
      for (const [c, { least }] of best.entries()) segment.numbers[segment.least[c]!] = least;
      const findings = kernels[s]!.scan(segment.params, group, groups);
      take(segment, findings, s * rowsPerSegment, best, found);
      group += groups;
      step = Math.min(step * 2, STEP);
    }
    // Most of what was found at first is beaten soon.
    if (found.isFull) found = new Kept(found.all().above(limits()));
  }
}

/** Findings that grow. */
class Kept {
  #words: Uint32Array;
  #at = 0;
  readonly #enough: number;

  constructor(of?: Findings) {
    this.#enough = 4 * Math.max(FINDINGS, 2 * (of?.count ?? 0));
    this.#words = new Uint32Array(this.#enough);
    if (of !== undefined) this.#words.set(of.words);
    this.#at = of?.words.length ?? 0;
  }

  get isFull(): boolean {
    return this.#at >= this.#enough;
  }

  all(): Findings {
    return new Findings(this.#words.subarray(0, this.#at));
  }

  add(words: Uint32Array, at: number, row: number): void {
    if (this.#at === this.#words.length) {
      const more = new Uint32Array(2 * this.#words.length);
      more.set(this.#words);
      this.#words = more;
    }
    const to = this.#at;
    this.#words[to] = row;
    for (let i = 1; i < 4; i++) this.#words[to + i] = words[at + i]!;
    this.#at += 4;
  }
}

function take(
  { words, numbers, out }: Prepared,
  findings: number,
  offset: number,
  best: readonly Best[],
  found: Kept,
): void {
  for (let i = 0, at = out; i < findings; i++, at += 4) {
    const own = best[words[at + 1]!]!;
    if (!(numbers[at + 3]! >= own.least)) continue;
    own.add(numbers[at + 2]!);
    found.add(words, at, offset + words[at]!);
  }
}

interface Prepared {
  readonly words: Uint32Array;
  readonly numbers: Float32Array;
  /** Address. */
  readonly params: number;
  /** Index of each column's least score. */
  readonly least: readonly number[];
  /** Index of the findings. */
  readonly out: number;
}

/** Writes a query where the kernel looks for it. */
function prepare({ memory }: Kernel, layout: Layout, query: ScanQuery, area: number, rows: number): Prepared {
  const words = new Uint32Array(memory.buffer);
  const numbers = new Float32Array(memory.buffer);
  const codes = new Int16Array(memory.buffer);
  const params = layout.area + area * layout.areaBytes;
  const spare = params + 64;
  const branches = spare + 64 + 48 * query.branches.length;
  let at = branches + 24 * query.branches.length;
  at = Math.ceil(at / 64) * 64;
  for (const [b, { codes: own, factor, norm, square, slack }] of query.branches.entries()) {
    codes.set(own, at / 2);
    const entry = branches / 4 + 6 * b;
    words.set([at, 2 * own.length], entry);
    numbers.set([factor, norm, square, slack], entry + 2);
    at += 2 * own.length;
  }
  const columns = at;
  const least: number[] = [];
  at /= 4;
  for (const { terms } of query.columns) {
    least.push(at);
    words[at + 1] = terms.length;
    at += 2;
    for (const { branch, weight } of terms) {
      words[at] = branch;
      numbers[at + 1] = weight;
      at += 2;
    }
  }
  const out = params + layout.areaBytes - FINDINGS * 16;
  words.set(
    [
      query.branches.length,
      query.columns.length,
      layout.groupBytes,
      rows,
      layout.rows,
      branches,
      columns,
      query.filtered ? layout.bits : 0,
      spare,
      out,
    ],
    params / 4,
  );
  return { words, numbers, params, least, out: out / 4 };
}
