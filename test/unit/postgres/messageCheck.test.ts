import { expect, test } from "vitest";
import { StrangeAnswer, TooMuch } from "../../../src/core/index/postgres/answers.ts";
import { MessageCheck } from "../../../src/core/index/postgres/messageCheck.ts";

function message(kind: string, body: Buffer | string): Buffer {
  const bytes = Buffer.from(body as string, "latin1");
  const head = Buffer.alloc(5);
  head.write(kind, "latin1");
  head.writeUInt32BE(4 + bytes.length, 1);
  return Buffer.concat([head, bytes]);
}

const column = `path\0${"\0".repeat(18)}`;
const RIGHT: [string, string][] = [
  ["E", "SERROR\0C42P01\0Mno such table\0\0"],
  ["N", "SNOTICE\0\0"],
  ["C", "SELECT 1\0"],
  ["S", "TimeZone\0UTC\0"],
  ["A", "\0\0\0\x01channel\0payload\0"],
  ["T", `\0\x02${column}${column}`],
  ["R", "\0\0\0\0"],
  ["R", "\0\0\0\x0aSCRAM-SHA-256\0\0"],
  ["D", "anything that has no texts\xff"],
  ["Z", "I"],
];

test("messages of a server pass, however they are cut into chunks", () => {
  const all = Buffer.concat(RIGHT.map(([kind, body]) => message(kind, body)));
  for (const size of [1, 2, 3, 7, all.length]) {
    const check = new MessageCheck();
    for (let at = 0; at < all.length; at += size) check.take(all.subarray(at, at + size));
  }
});

test.each([
  ["E", ""],
  ["E", "SERROR"],
  ["E", "SERROR\0Mx\0"],
  ["C", "SELECT 1"],
  ["S", "TimeZone\0"],
  ["A", "\0\0\0\x01channel\0"],
  ["A", "\0"],
  ["T", "\0"],
  ["T", `\0\x02${column}`],
  ["T", "\0\x01path"],
  ["R", ""],
  ["R", "\0\0\0\x0aSCRAM-SHA-256\0"],
])("a text that has no end is refused, behind which its reader would look for ever: %s %j", (kind, body) => {
  expect(() => new MessageCheck().take(message(kind, body))).toThrow(/a text without an end|too short/);
});

test("no length, and one beyond all measure, are refused", () => {
  expect(() => new MessageCheck().take(Buffer.from("Z\0\0\0\x03"))).toThrow(/without a length/);
  expect(() => new MessageCheck().take(Buffer.from("E\x7f\xff\xff\xff"))).toThrow(/too long/);
});

test("a message of a kind that there is not", () => {
  for (const kind of ["x", "\0", "F", "\xff"]) {
    expect(() => new MessageCheck().take(message(kind, "abc\0")), kind).toThrow(StrangeAnswer);
  }
});

const row = message("D", "x".repeat(40));
const done = Buffer.concat([message("C", "SELECT 1\0"), message("Z", "I")]);

test("each answer has its own number of rows: one more is refused where it arrives, however the rows are cut", () => {
  for (const size of [1, 11, 1000]) {
    const check = new MessageCheck();
    const feed = (...parts: readonly Buffer[]) => {
      const all = Buffer.concat(parts);
      for (let at = 0; at < all.length; at += size) check.take(all.subarray(at, at + size));
    };
    feed(message("R", "\0\0\0\0"), message("Z", "I"));
    for (const most of [2, 0, Number.POSITIVE_INFINITY, 1]) check.expect(most);
    feed(row, row, done, done, row, row, row, done, row);
    expect(() => feed(row)).toThrow(StrangeAnswer);
  }
});

test("what an answer takes is bounded: in rows of nothing, in few large ones, in one that is said to be large; the next has its own", () => {
  const memory = 10_000;
  const empty = message("D", "");
  expect(() => new MessageCheck(memory).take(Buffer.concat(Array(100).fill(empty)))).not.toThrow();
  expect(() => new MessageCheck(memory).take(Buffer.concat(Array(101).fill(empty)))).toThrow(TooMuch);
  const check = new MessageCheck(memory);
  for (let answer = 0; answer < 20; answer++) check.take(Buffer.concat([...Array<Buffer>(40).fill(row), done]));
  expect(() => check.take(Buffer.concat([message("D", "x".repeat(5_000)), message("D", "x".repeat(5_000))]))).toThrow(
    TooMuch,
  );
  for (const kind of ["D", "d", "K"]) {
    const head = message(kind, "x".repeat(20_000)).subarray(0, 5);
    expect(() => new MessageCheck(memory).take(head), kind).toThrow(TooMuch);
  }
});
