import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type FollowHost, FollowSession } from "../../../src/extension/follow/followSession.ts";
import type { FolderStatus, SimilarResult } from "../../../src/shared/index.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function host(change: Partial<FollowHost> = {}) {
  const fake: FollowHost = {
    status: async (folder) => ({ folder, indexed: folder === "/new" ? 0 : 9 }) as FolderStatus,
    similar: vi.fn(async (_folder, { examples }) => {
      const combined = [{ rank: 1, path: `near ${examples[0]!.image}`, score: 0.5 }];
      return { results: { combined } } as unknown as SimilarResult;
    }),
    failureText: (error) => (error as Error).message,
    texts: { none: "open an image", notIndexed: (folder) => `${folder} is not indexed`, alone: "alone" },
    changed: vi.fn(),
    ...change,
  };
  return fake;
}

test("asks for the image at which browsing stops, and for none on the way", async () => {
  const fake = host();
  const session = new FollowSession(fake);
  expect(session.state.problem).toBe("open an image");
  for (const name of ["a", "b", "c"]) {
    session.follow("/images", `/images/${name}.png`);
    await vi.advanceTimersByTimeAsync(50);
  }
  await vi.advanceTimersByTimeAsync(1000);
  expect(vi.mocked(fake.similar).mock.calls.map(([, { examples }]) => examples[0]!.image)).toEqual(["/images/c.png"]);
  expect(session.state).toMatchObject({ image: { path: "c.png" }, folder: "images", searching: false, problem: null });
  expect(session.state.lists["combined"]![0]!.path).toBe("near /images/c.png");
  session.follow("/images", "/images/c.png");
  await vi.advanceTimersByTimeAsync(1000);
  expect(fake.similar).toHaveBeenCalledTimes(1);
});

test("an answer that comes after the next image became active is not shown", async () => {
  const answers: (() => void)[] = [];
  const fake = host({
    similar: (_folder, { examples }) =>
      new Promise((resolve) => {
        const combined = [{ rank: 1, path: examples[0]!.image, score: 1 }];
        answers.push(() => resolve({ results: { combined } } as unknown as SimilarResult));
      }),
  });
  const session = new FollowSession(fake);
  session.follow("/images", "/images/a.png");
  await vi.advanceTimersByTimeAsync(500);
  session.follow("/images", "/images/b.png");
  await vi.advanceTimersByTimeAsync(500);
  answers[0]!();
  await vi.advanceTimersByTimeAsync(500);
  expect(session.state.lists).toEqual({});
  answers[1]!();
  await vi.advanceTimersByTimeAsync(500);
  expect(session.state.lists["combined"]![0]!.path).toBe("/images/b.png");
});

test("says what is missing: an index, other images, the file", async () => {
  const session = new FollowSession(host());
  session.follow("/new", "/new/a.png");
  await vi.advanceTimersByTimeAsync(500);
  expect(session.state).toMatchObject({ problem: "new is not indexed", mayIndex: true, lists: {} });
  const failing = new FollowSession(host({ similar: () => Promise.reject(new Error("a.png is not there")) }));
  failing.follow("/images", "/images/a.png");
  await vi.advanceTimersByTimeAsync(500);
  expect(failing.state).toMatchObject({ problem: "a.png is not there", searching: false });
  const alone = new FollowSession(host({ similar: async () => ({ results: {} }) as SimilarResult }));
  alone.follow("/images", "/images/a.png");
  await vi.advanceTimersByTimeAsync(500);
  expect(alone.state.problem).toBe("alone");
});

test("gives its page the image and those that are shown, and nothing else", async () => {
  const fake = host();
  const session = new FollowSession(fake);
  session.follow("/images", "/images/a.png");
  expect(session.resolve("a.png")).toBeUndefined();
  await vi.advanceTimersByTimeAsync(500);
  expect(session.resolve("a.png")).toEqual({ folder: "/images", image: "/images/a.png" });
  const [near] = session.state.lists["combined"]!;
  expect(session.resolve(near!.path)).toEqual({ folder: "/images", image: `/images/${near!.path}` });
  for (const path of ["/etc/hosts", ".env", ".git/config", "../a.png"]) expect(session.resolve(path)).toBeUndefined();
  // While the next image is searched, the paths are those of the one before.
  session.follow("/others", "/others/b.png");
  expect(session.resolve("a.png")).toEqual({ folder: "/images", image: "/images/a.png" });
});

test("asks nothing once disposed", async () => {
  const fake = host();
  const session = new FollowSession(fake);
  session.follow("/images", "/images/a.png");
  session.dispose();
  await vi.advanceTimersByTimeAsync(1000);
  expect(fake.similar).not.toHaveBeenCalled();
});
