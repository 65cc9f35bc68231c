import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { AnswerWait } from "../../../src/extension/similar/answerWait.ts";
import type { SimilarState } from "../../../src/shared/index.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

type Known = Pick<SimilarState, "searching" | "result" | "comparison" | "progress" | "notice">;

function stateOf(change: Partial<Known>): SimilarState {
  const state: Known = { searching: true, result: null, comparison: null, progress: null, notice: null, ...change };
  return state as SimilarState;
}
/** Each call makes another one, as each answer of the engine is. */
const result = () => ({ query: "a.png" }) as unknown as NonNullable<SimilarState["result"]>;

function newWait() {
  const over = vi.fn();
  return { wait: new AnswerWait(over), over };
}

test("a search that is answered within a blink is told with its answer alone", () => {
  const { wait, over } = newWait();
  expect(wait.holds(stateOf({}))).toBe(true);
  vi.advanceTimersByTime(100);
  expect(wait.holds(stateOf({ result: result(), searching: false }))).toBe(false);
  vi.advanceTimersByTime(10_000);
  expect(over).not.toHaveBeenCalled();
});

test("one that takes longer is told, once, until it ends", () => {
  const { wait, over } = newWait();
  const searching = stateOf({});
  wait.holds(searching);
  vi.advanceTimersByTime(100);
  // What changes meanwhile does not make the wait longer.
  expect(wait.holds(stateOf({}))).toBe(true);
  vi.advanceTimersByTime(100);
  expect(over).toHaveBeenCalledOnce();
  expect(wait.holds(searching)).toBe(false);
  expect(wait.holds(stateOf({}))).toBe(false);
  const answer = result();
  expect(wait.holds(stateOf({ result: answer, searching: false }))).toBe(false);
  // The next one is another search.
  expect(wait.holds(stateOf({ result: answer }))).toBe(true);
  vi.advanceTimersByTime(200);
  expect(over).toHaveBeenCalledTimes(2);
});

test("an answer is told although the next search is under way, and lists that are there already are no answer", () => {
  const { wait } = newWait();
  const before = result();
  wait.holds(stateOf({ result: before, searching: false }));
  expect(wait.holds(stateOf({ result: before }))).toBe(true);
  expect(wait.holds(stateOf({ result: result() }))).toBe(false);
  const comparison: SimilarState["comparison"] = [];
  expect(wait.holds(stateOf({ comparison }))).toBe(false);
  expect(wait.holds(stateOf({ comparison }))).toBe(true);
});

test("what went wrong and what indexing does are told at once", () => {
  const { wait } = newWait();
  expect(wait.holds(stateOf({ notice: { kind: "error", text: "gone", actions: [] } }))).toBe(false);
  expect(wait.holds(stateOf({ progress: {} as SimilarState["progress"] }))).toBe(false);
});

test("a panel that is closed while it waits is told nothing", () => {
  const { wait, over } = newWait();
  wait.holds(stateOf({}));
  wait.stop();
  vi.advanceTimersByTime(10_000);
  expect(over).not.toHaveBeenCalled();
});
