import { expect, test } from "vitest";
import { SimilarSession } from "../../../src/extension/similar/similarSession.ts";
import type { IndexSummary, SimilarResult } from "../../../src/shared/index.ts";
import { deferred, MODEL, QUERY, sessionHost, settled, statusOf } from "./sessionHost.ts";

test("shows a first look of a folder without an index, and the index's answer after it", async () => {
  const { fake, pending } = sessionHost();
  const look = { result: { query: "q.png", model: MODEL } as unknown as SimilarResult, looked: 40, found: 900 };
  const indexed = deferred<IndexSummary>();
  const session = new SimilarSession(
    {
      ...fake,
      status: async (folder) => statusOf(folder, 0),
      firstLook: async () => look,
      index: () => indexed.promise,
    },
    "/images",
    QUERY,
    5,
  );
  const started = session.start();
  await settled();
  await settled();
  expect(session.state).toMatchObject({ searching: false, result: look.result, notice: { text: "first 40 of 900" } });
  indexed.resolve({ indexed: 900, updated: 0, removed: 0 } as IndexSummary);
  await settled();
  session.report(statusOf("/images", 900));
  pending[0]!.answer();
  await started;
  expect(session.state).toMatchObject({ searching: false, notice: null });
  expect(session.state.result).not.toBe(look.result);
});

test("takes no first look without trust, and goes on where one fails", async () => {
  let looks = 0;
  const { fake, pending } = sessionHost();
  const parts = {
    ...fake,
    status: async (folder: string) => statusOf(folder, 0),
    firstLook: async () => {
      looks++;
      throw new Error("cannot be decoded");
    },
  };
  const untrusted = new SimilarSession({ ...parts, mayIndex: () => false }, "/images", QUERY, 5);
  await untrusted.start();
  expect(looks).toBe(0);
  const session = new SimilarSession(parts, "/images", QUERY, 5);
  const started = session.start();
  await settled();
  await settled();
  expect(looks).toBe(1);
  pending[0]?.answer();
  await started;
  expect(session.state.notice?.kind).not.toBe("error");
});
