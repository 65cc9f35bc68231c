/**
 * The best rows of one column, without sorting it: almost every row is turned away by one comparison with the worst of
 * those that are kept. onnxruntime's TopK took as long as a quarter of the whole search.
 * @param scores float32 `[count]`
 * @param k how many; fewer come back where fewer may be found
 * @param allowed whether a row may be found, 1 or 0 `[count]`; all may where absent
 * @returns rows from the best down; of equal scores the lower row first
 */
export function topRows(scores: Float32Array, k: number, allowed?: Uint8Array): number[] {
  // A heap with the worst of the kept rows at its root.
  const heap = new Int32Array(k);
  let size = 0;
  const count = scores.length;
  const fours = count - 3;
  let least = Number.NEGATIVE_INFINITY;
  const worse = (a: number, b: number) => scores[a]! < scores[b]! || (scores[a] === scores[b] && a > b);
  for (let row = 0; ; row++) {
    // Nearly all time goes by here. Written so that a score that is no number is turned away too.
    while (row < fours && !isAnyAbove(scores, row, least)) row += 4;
    while (row < count && !(scores[row]! > least)) row++;
    if (row >= count) break;
    if (allowed !== undefined && allowed[row] === 0) continue;
    if (size < k) {
      let i = size++;
      for (; i > 0; i = (i - 1) >> 1) {
        const parent = heap[(i - 1) >> 1]!;
        if (!worse(row, parent)) break;
        heap[i] = parent;
      }
      heap[i] = row;
    } else {
      sink(heap, size, row, worse);
    }
    if (size === k) least = scores[heap[0]!]!;
  }
  return Array.from(heap.subarray(0, size)).sort((a, b) => scores[b]! - scores[a]! || a - b);
}

/** Whether one of four scores from `row` on is higher than `least`. */
function isAnyAbove(scores: Float32Array, row: number, least: number): boolean {
  return scores[row]! > least || scores[row + 1]! > least || scores[row + 2]! > least || scores[row + 3]! > least;
}

/** Puts a row in the place of the root, and brings the heap in order. */
function sink(heap: Int32Array, size: number, row: number, worse: (a: number, b: number) => boolean): void {
  let i = 0;
  for (;;) {
    let child = 2 * i + 1;
    if (child >= size) break;
    if (child + 1 < size && worse(heap[child + 1]!, heap[child]!)) child++;
    if (!worse(heap[child]!, row)) break;
    heap[i] = heap[child]!;
    i = child;
  }
  heap[i] = row;
}
