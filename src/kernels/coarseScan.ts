/**
 * The pass of a coarse search over the memory, in AssemblyScript: compiled to WebAssembly by the build, run by
 * `core/search/coarse`. Everything lies in one memory, at addresses that the parameters name:
 *
 *   params    u32: branches, columns, bytes of a group, rows, address of the first group, of the branches, of the columns, of the
 *             bits of rows that may be found (0: all), of room for 64 bytes beside 48 for each branch, of the findings
 *   branches  each u32 address of the query, u32 its bytes, f32 factor of the products, f32 norm and its square, f32 summand of the errors
 *   query     i16, of each branch in whole 16 values
 *   columns   each f32 least score, u32 number of terms, and each term u32 branch, f32 weight
 *   groups    of four rows: of each branch chunks of 16 values (i8, four rows one after the other, so that memory is read in order),
 *             then of each branch f32 x 4 scales and f32 x 4 errors
 *             behind the last one 4 KB more
 *   findings  each u32 row, u32 column, f32 lowest and f32 highest score that the row may have
 */

/**
 * @param first group
 * @param groups how many from there on
 * @returns number of findings: rows whose score in a column may be as high as the column's least
 */
export function scan(params: usize, first: u32, groups: u32): u32 {
  const branches = load<u32>(params);
  const columns = load<u32>(params, 4);
  const groupBytes: usize = load<u32>(params, 8);
  const rows = load<u32>(params, 12);
  const data: usize = load<u32>(params, 16);
  const branchTable: usize = load<u32>(params, 20);
  const columnTable: usize = load<u32>(params, 24);
  const allowed: usize = load<u32>(params, 28);
  const spare: usize = load<u32>(params, 32);
  const scores = spare + 64;
  const out: usize = load<u32>(params, 36);
  const metaAt = groupBytes - ((<usize>branches) << 5);
  let at = out;
  let seen: u32 = 0;
  const end = min(first + groups, (rows + 3) >> 2);
  for (let group = first; group < end; group++) {
    let mask: u32 = allowed === 0 ? 15 : (load<u8>(allowed + (group >> 1)) >> ((group & 1) << 2)) & 15;
    const left = rows - (group << 2);
    if (left < 4) mask &= (1 << left) - 1;
    if (mask === 0) continue;
    let row = data + <usize>group * groupBytes;
    // Processors fetch ahead up to the end of a page: the first touch of the next one costs a third of the time if it is waited for.
    seen ^= load<u32>(row, 4096);
    let meta = row + metaAt;
    let branch = branchTable;
    let to = scores;
    for (let b: u32 = 0; b < branches; b++) {
      let query: usize = load<u32>(branch);
      const stop = query + <usize>load<u32>(branch, 4);
      let a0 = i32x4.splat(0);
      let a1 = i32x4.splat(0);
      let a2 = i32x4.splat(0);
      let a3 = i32x4.splat(0);
      while (query < stop) {
        const low = v128.load(query);
        const high = v128.load(query, 16);
        a0 = i32x4.add(a0, i32x4.dot_i16x8_s(v128.load_ext<i8>(row), low));
        a1 = i32x4.add(a1, i32x4.dot_i16x8_s(v128.load_ext<i8>(row, 16), low));
        a2 = i32x4.add(a2, i32x4.dot_i16x8_s(v128.load_ext<i8>(row, 32), low));
        a3 = i32x4.add(a3, i32x4.dot_i16x8_s(v128.load_ext<i8>(row, 48), low));
        a0 = i32x4.add(a0, i32x4.dot_i16x8_s(v128.load_ext<i8>(row, 8), high));
        a1 = i32x4.add(a1, i32x4.dot_i16x8_s(v128.load_ext<i8>(row, 24), high));
        a2 = i32x4.add(a2, i32x4.dot_i16x8_s(v128.load_ext<i8>(row, 40), high));
        a3 = i32x4.add(a3, i32x4.dot_i16x8_s(v128.load_ext<i8>(row, 56), high));
        row += 64;
        query += 32;
      }
      const s01 = i32x4.add(i32x4.shuffle(a0, a1, 0, 4, 1, 5), i32x4.shuffle(a0, a1, 2, 6, 3, 7));
      const s23 = i32x4.add(i32x4.shuffle(a2, a3, 0, 4, 1, 5), i32x4.shuffle(a2, a3, 2, 6, 3, 7));
      const sum = i32x4.add(i32x4.shuffle(s01, s23, 0, 1, 4, 5), i32x4.shuffle(s01, s23, 2, 3, 6, 7));
      const scale = f32x4.mul(v128.load(meta), v128.load_splat<f32>(branch, 8));
      const score = f32x4.mul(f32x4.convert_i32x4_s(sum), scale);
      const rest = v128.load(meta, 16);
      v128.store(to, score);
      v128.store(
        to,
        f32x4.add(f32x4.mul(rest, v128.load_splat<f32>(branch, 12)), v128.load_splat<f32>(branch, 20)),
        16,
      );
      v128.store(to, rest, 32);
      meta += 32;
      to += 48;
      branch += 24;
    }
    let column = columnTable;
    for (let c: u32 = 0; c < columns; c++) {
      const least = v128.load_splat<f32>(column);
      const terms = column + 8;
      const stop = terms + ((<usize>load<u32>(column, 4)) << 3);
      let score = f32x4.splat(0);
      let error = f32x4.splat(0);
      for (column = terms; column < stop; column += 8) {
        const from = scores + <usize>load<u32>(column) * 48;
        const weight = v128.load_splat<f32>(column, 4);
        score = f32x4.add(score, f32x4.mul(v128.load(from), weight));
        error = f32x4.add(error, f32x4.mul(v128.load(from, 16), f32x4.abs(weight)));
      }
      // False for what is no number.
      if ((<u32>i32x4.bitmask(f32x4.ge(f32x4.add(score, error), least)) & mask) === 0) continue;
      // Few come so far: for them it is worth finding out how much of the query can see what the codes leave.
      error = f32x4.splat(0);
      for (let term = terms; term < stop; term += 8) {
        const b = <usize>load<u32>(term);
        const from = scores + b * 48;
        const entry = branchTable + b * 24;
        const slack = v128.load_splat<f32>(entry, 20);
        const along = f32x4.pmax(f32x4.sub(f32x4.abs(v128.load(from)), slack), f32x4.splat(0));
        const square = f32x4.sub(v128.load_splat<f32>(entry, 16), f32x4.mul(along, along));
        const across = f32x4.sqrt(f32x4.pmax(square, f32x4.splat(0)));
        const own = f32x4.add(f32x4.mul(v128.load(from, 32), across), slack);
        error = f32x4.add(error, f32x4.mul(own, f32x4.abs(v128.load_splat<f32>(term, 4))));
      }
      const highest = f32x4.add(score, error);
      let found = <u32>i32x4.bitmask(f32x4.ge(highest, least)) & mask;
      if (found === 0) continue;
      v128.store(spare, f32x4.sub(score, error));
      v128.store(spare, highest, 16);
      for (; found !== 0; found &= found - 1) {
        const lane = ctz(found);
        const score = spare + ((<usize>lane) << 2);
        store<u32>(at, (group << 2) + lane);
        store<u32>(at, c, 4);
        store<f32>(at, load<f32>(score), 8);
        store<f32>(at, load<f32>(score, 16), 12);
        at += 16;
      }
    }
  }
  // So that the touch is not taken for idle.
  store<u32>(spare, seen);
  return <u32>((at - out) >> 4);
}
