import { FINDINGS, GROUP, type Layout } from "./segments.ts";

/** Groups that a thread takes at once. */
const TAKEN = 1024;
/** Groups of the first call of the kernel: until a column knows its least score, every row is found. */
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
    readonly slope: number;
    readonly slack: number;
  }[];
  readonly columns: readonly ScanColumn[];
  readonly count: number;
  readonly filtered: boolean;
}

/** What may be among the best of a column. */
export interface Finding {
  readonly row: number;
  readonly column: number;
  /** Bounds of its score. */
  readonly low: number;
  readonly high: number;
}

/** The `scan` of the kernel, over one segment. */
export interface Kernel {
  readonly memory: WebAssembly.Memory;
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
): Finding[] {
  const { rowsPerSegment } = layout;
  const best = query.columns.map(({ k }) => new Best(k));
  const perSegment = Math.ceil(rowsPerSegment / GROUP / TAKEN);
  const prepared = new Map<number, Prepared>();
  let found: Finding[] = [];
  let step = FIRST;
  let limit = FINDINGS;
  for (;;) {
    const part = Atomics.add(next, 0, 1);
    const s = Math.floor(part / perSegment);
    const rows = Math.min(rowsPerSegment, query.count - s * rowsPerSegment);
    const first = (part % perSegment) * TAKEN;
    if (rows <= 0) break;
    const end = Math.min(first + TAKEN, Math.ceil(rows / GROUP));
    if (first >= end) continue;
    let segment = prepared.get(s);
    if (segment === undefined) {
      segment = prepare(kernels[s]!, layout, query, area, rows);
      prepared.set(s, segment);
    }
    const most = Math.floor(FINDINGS / (GROUP * query.columns.length));
    for (let group = first; group < end; ) {
      const groups = Math.min(step, most, end - group);
      for (const [c, { least }] of best.entries()) segment.numbers[segment.least[c]!] = least;
      const findings = kernels[s]!.scan(segment.params, group, groups);
      take(segment, findings, s * rowsPerSegment, best, found);
      group += groups;
      step = Math.min(step * 2, TAKEN);
    }
    if (found.length < limit) continue;
    found = stillPossible(found, best);
    limit = 2 * Math.max(FINDINGS, found.length);
  }
  return stillPossible(found, best);
}

function stillPossible(found: readonly Finding[], best: readonly Best[]): Finding[] {
  const least = best.map((column) => column.least);
  return found.filter(({ column, high }) => high >= least[column]!);
}

function take(
  { words, numbers, out }: Prepared,
  findings: number,
  offset: number,
  best: readonly Best[],
  found: Finding[],
): void {
  for (let i = 0, at = out; i < findings; i++, at += 4) {
    const column = words[at + 1]!;
    const [low, high] = [numbers[at + 2]!, numbers[at + 3]!];
    if (!(high >= best[column]!.least)) continue;
    best[column]!.add(low);
    found.push({ row: offset + words[at]!, column, low, high });
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
  const branches = spare + 64 + 32 * query.branches.length;
  let at = branches + 20 * query.branches.length;
  at = Math.ceil(at / 64) * 64;
  for (const [b, { codes: own, factor, slope, slack }] of query.branches.entries()) {
    codes.set(own, at / 2);
    const entry = branches / 4 + 5 * b;
    words.set([at, 2 * own.length], entry);
    numbers.set([factor, slope, slack], entry + 2);
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
      words[at] = 32 * branch;
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
