import { getHeapStatistics } from "node:v8";
import { StrangeAnswer, TooMuch } from "./answers.ts";

/** The kinds of messages that pg reads. Another one it tells as an error of the server's, in words of its own. */
const KINDS = "123nscWIZDCARSKENTtGHd";
/** Kind and length of a message. Bytes. */
const HEAD = 5;
/** Of a message of texts (an error, names of columns): no server sends more. Bytes. */
const LONGEST = 1 << 20;
/** What stands behind the name of a column. Bytes. */
const COLUMN = 18;
/** Authentication by SASL, with the names of its ways. */
const SASL = 10;
const ROW_KIND = "D".charCodeAt(0);
/** What a row takes beside its values, once it is read. Bytes. */
const ROW = 100;
/** Of the memory for JavaScript: an answer is held as a whole, beside all else. */
const SHARE = 0.5;

/**
 * Looks at what a server sends before pg reads it: pg reads a text up to the zero behind it, and where there is none it goes on for ever.
 * Only messages that hold such texts are looked at (PostgreSQL's documentation, "Message Formats"). Rows are counted: pg keeps all of an
 * answer until its end, and a server can send them without one.
 */
export class MessageCheck {
  readonly #head = Buffer.alloc(HEAD);
  #headed = 0;
  #left = 0;
  /** Of the body so far; null where it holds no texts. */
  #parts: Buffer[] | null = null;
  /** Of each statement that is not answered yet, see `expect`. */
  readonly #most: number[] = [];
  readonly #memory: number;
  #rows = 0;
  #taken = 0;

  /** @param memory bytes that an answer may take */
  constructor(memory = SHARE * getHeapStatistics().heap_size_limit) {
    this.#memory = memory;
  }

  /** A statement is sent behind those of before. @param most rows that its answer can have */
  expect(most: number): void {
    this.#most.push(most);
  }

  /** @param chunk the next bytes of the stream  @throws StrangeAnswer, TooMuch */
  take(chunk: Buffer): void {
    for (let at = 0; at < chunk.length; ) {
      if (this.#headed === 0 && chunk[at] === ROW_KIND && chunk.length - at >= HEAD) {
        // Nearly all messages are rows, and lie in one chunk.
        const length = this.#lengthOf(chunk.readUInt32BE(at + 1));
        this.#countRow(length);
        at += HEAD + length;
        if (at > chunk.length) {
          this.#headed = HEAD;
          this.#left = at - chunk.length;
        }
        continue;
      }
      if (this.#headed < HEAD) {
        const taken = chunk.copy(this.#head, this.#headed, at, at + HEAD - this.#headed);
        this.#headed += taken;
        at += taken;
        if (this.#headed < HEAD) return;
        this.#begin();
      } else {
        const part = chunk.subarray(at, at + this.#left);
        this.#parts?.push(part);
        this.#left -= part.length;
        at += part.length;
      }
      if (this.#left === 0) this.#end();
    }
  }

  #begin(): void {
    this.#left = this.#lengthOf(this.#head.readUInt32BE(1));
    const kind = String.fromCharCode(this.#head[0]!);
    if (!KINDS.includes(kind)) throw new StrangeAnswer("a message of no kind that there is");
    this.#parts = "ENCSATR".includes(kind) ? [] : null;
    if (this.#parts !== null && this.#left > LONGEST) throw new StrangeAnswer("a message that is too long");
    if (this.#head[0] === ROW_KIND) this.#countRow(this.#left);
    if (kind === "Z") this.#answered();
  }

  /** @param said what a message says of its length, itself included  @returns bytes behind it */
  #lengthOf(said: number): number {
    if (said < 4) throw new StrangeAnswer("a message without a length");
    // It is held until it is whole.
    if (said - 4 > this.#memory) throw new TooMuch(this.#memory);
    return said - 4;
  }

  #countRow(bytes: number): void {
    if (++this.#rows > (this.#most[0] ?? Number.POSITIVE_INFINITY)) throw new StrangeAnswer("more rows than asked for");
    this.#taken += ROW + bytes;
    if (this.#taken > this.#memory) throw new TooMuch(this.#memory);
  }

  /** The message stands behind each answer, whatever that was. */
  #answered(): void {
    this.#most.shift();
    this.#rows = 0;
    this.#taken = 0;
  }

  #end(): void {
    if (this.#parts !== null) checkTexts(String.fromCharCode(this.#head[0]!), Buffer.concat(this.#parts));
    this.#headed = 0;
    this.#parts = null;
  }
}

/** @throws StrangeAnswer where a text has no end, or there are fewer than there should be */
function checkTexts(kind: string, body: Buffer): void {
  let at = 0;
  const skip = (bytes: number) => {
    at += bytes;
    if (at > body.length) throw new StrangeAnswer("a message that is too short");
  };
  const text = () => {
    const end = body.indexOf(0, at);
    if (end < 0) throw new StrangeAnswer("a text without an end");
    const length = end - at;
    at = end + 1;
    return length;
  };
  if (kind === "E" || kind === "N") {
    while (body[at] !== 0) {
      skip(1);
      text();
    }
  } else if (kind === "T") {
    skip(2);
    for (let column = body.readUInt16BE(0); column > 0; column--) {
      text();
      skip(COLUMN);
    }
  } else if (kind === "R") {
    skip(4);
    if (body.readUInt32BE(0) === SASL) while (text() > 0);
  } else {
    if (kind === "A") skip(4);
    text();
    if (kind !== "C") text();
  }
}
