import { expect, test } from "vitest";
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
