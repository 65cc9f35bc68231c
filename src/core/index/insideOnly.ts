import type { RowSource } from "./rowSource.ts";
import type { Following, RecordState, Store, StoreSnapshot } from "./store.ts";

/** Characters of the longest path that any system has (Windows). */
const LONGEST = 32_767;
/** Characters of a path that a message shows. */
const SHOWN = 200;

/**
 * Whether a path that an index holds lies in its folder, as it is written. Whoever can write a shared place, or a database, can put any
 * path there, and what an index finds is decoded, shown and opened.
 */
export function isInside(path: string): boolean {
  // SQLite keeps bytes as they are, in a column of text too.
  if (typeof path !== "string" || path.length > LONGEST || path.startsWith("/") || path.includes("\0")) return false;
  if (process.platform === "win32" && /\\|^[a-z]:/i.test(path)) return false;
  return !path.includes("..") || !path.split("/").includes("..");
}

const inside = ({ path }: { readonly path: string }) => isInside(path);

/**
 * A store that says nothing of paths outside its folder. Where all images are listed, as each update does, their records are taken out.
 * Its `embeddings` leaves them out by itself: a generator around it would cost a quarter of what reading short rows does.
 */
export function insideOnly(store: Store, warn: (message: string) => void): Store {
  const members: Partial<Store> = {
    async images() {
      const all = await store.images();
      const outside = all.filter((record) => !inside(record));
      if (outside.length === 0) return all;
      await takeOut(store, outside, warn);
      return all.filter(inside);
    },
    async snapshot() {
      return snapshotInside(await store.snapshot());
    },
    async holder(hash) {
      const path = await store.holder(hash);
      return path !== undefined && isInside(path) ? path : undefined;
    },
    elsewhere: async (path) => (await store.elsewhere(path)).filter(isInside),
    heldAtDeath: async (isOurs) => (await store.heldAtDeath(isOurs)).filter(inside),
    skipped: async () => (await store.skipped()).filter(inside),
    partial: async () => (await store.partial()).filter(isInside),
  };
  const { following } = store;
  const own: Partial<Store> = following === undefined ? members : { ...members, following: followingInside(following) };
  return new Proxy(store, {
    get(target, name) {
      if (name in own) return own[name as keyof Store];
      const member: unknown = Reflect.get(target, name, target);
      return typeof member === "function" ? member.bind(target) : member;
    },
  });
}

/** The same of what is read from one end to the other. */
export function rowsInside(source: RowSource): RowSource {
  return {
    ...source,
    async *rows() {
      for await (const row of source.rows()) if (inside(row.image)) yield row;
    },
    skipped: async () => (await source.skipped()).filter(inside),
  };
}

/** Who may only read leaves them where they are. */
async function takeOut(store: Store, outside: readonly RecordState[], warn: (message: string) => void): Promise<void> {
  warn(
    `The index ${store.place} has ${outside.length} paths that lead out of its folder or cannot be one, such as ${JSON.stringify(String(outside[0]!.path).slice(0, SHOWN))}. ` +
      "Lookalike wrote none of them; they are left out.",
  );
  await store.remove(outside).catch(() => {});
}

async function* those<T extends { readonly path: string }>(rows: AsyncIterable<T>): AsyncGenerator<T> {
  for await (const row of rows) if (inside(row)) yield row;
}

function followingInside(following: Following): Following {
  return { mark: () => following.mark(), since: (mark) => those(following.since(mark)) };
}

function snapshotInside(snapshot: StoreSnapshot): StoreSnapshot {
  const { paths } = snapshot;
  if (paths.every(isInside)) return snapshot;
  return {
    paths: paths.filter(isInside),
    async *embeddings() {
      let at = 0;
      for await (const embedding of snapshot.embeddings()) if (isInside(paths[at++]!)) yield embedding;
    },
    close: () => snapshot.close(),
  };
}
