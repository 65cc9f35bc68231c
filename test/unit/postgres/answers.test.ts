import { expect, test } from "vitest";
import { firstOf, rowsOf, StrangeAnswer } from "../../../src/core/index/postgres/answers.ts";

type Answer = Parameters<typeof rowsOf>[0];
const answer = (name: string, ...values: unknown[]) =>
  ({ fields: [{ name }], rows: values.map((value) => ({ [name]: value })) }) as unknown as Answer;

test("rows whose columns are what they are in our tables are handed on", () => {
  expect(rowsOf(answer("path", "a.png", "b.png"))).toEqual([{ path: "a.png" }, { path: "b.png" }]);
  expect(firstOf(rowsOf(answer("pg_backend_pid", 7)))).toEqual({ pg_backend_pid: 7 });
});

test.each([
  ["a column of another type", answer("path", 7)],
  ["one that nobody asked for", answer("secret", "x")],
  // pg makes a list where one statement is said to be done twice.
  ["two answers to one question", [answer("path", "a.png"), answer("path", "b.png")] as unknown as Answer],
])("%s is strange, and told as such", (_, given) => {
  expect(() => rowsOf(given)).toThrow(StrangeAnswer);
});

test("no row where there always is one", () => {
  expect(() => firstOf([])).toThrow(StrangeAnswer);
});
