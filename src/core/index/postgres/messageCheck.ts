import { StrangeAnswer } from "./answers.ts";

/** Kind and length of a message. Bytes. */
const HEAD = 5;
/** Of a message of texts (an error, names of columns): no server sends more. Bytes. */
const LONGEST = 1 << 20;
/** What stands behind the name of a column. Bytes. */
const COLUMN = 18;
/** Authentication by SASL, with the names of its ways. */
const SASL = 10;

/**
 * Looks at what a server sends before pg reads it: pg reads a text up to the zero behind it, and where there is none it goes on for ever.
 * Only messages that hold such texts are looked at (PostgreSQL's documentation, "Message Formats"); rows go past.
 */
export class MessageCheck {
  readonly #head = Buffer.alloc(HEAD);
  #headed = 0;
  #left = 0;
  /** Of the body so far; null where it holds no texts. */
  #parts: Buffer[] | null = null;

  /** @param chunk the next bytes of the stream  @throws StrangeAnswer */
  take(chunk: Buffer): void {
    for (let at = 0; at < chunk.length; ) {
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
    const length = this.#head.readUInt32BE(1);
    if (length < 4) throw new StrangeAnswer("a message without a length");
    this.#left = length - 4;
    this.#parts = "ENCSATR".includes(String.fromCharCode(this.#head[0]!)) ? [] : null;
    if (this.#parts !== null && this.#left > LONGEST) throw new StrangeAnswer("a message that is too long");
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
