/** The command line as a process of its own, over a folder of small pictures. */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import sharp from "sharp";
import { tinyModel } from "../../fixtures/tinyModel.ts";

interface Ended {
  readonly printed: string;
  readonly said: string;
  /** Exit code or signal. */
  readonly how: string;
}

export class CommandLine {
  readonly root: string;
  readonly folder: string;
  /** A place for a local index. */
  readonly local: string;
  readonly model: string;

  static async withImages(count: number): Promise<CommandLine> {
    const line = new CommandLine();
    for (let i = 0; i < count; i++) {
      const pixels = Uint8Array.from(
        { length: 8 * 8 * 3 },
        (_, j) => (i * 37 + j * ((i % 7) + 1) + (j % 13) * i) % 256,
      );
      await sharp(pixels, { raw: { width: 8, height: 8, channels: 3 } }).toFile(join(line.folder, `${i}.png`));
    }
    return line;
  }

  private constructor() {
    this.root = mkdtempSync(join(tmpdir(), "lookalike-remote-"));
    this.folder = join(this.root, "images");
    this.local = join(this.root, "local");
    this.model = join(this.root, "tiny.onnx");
    mkdirSync(this.folder);
    writeFileSync(this.model, tinyModel("tiny", "SMG"));
  }

  start(...args: string[]): { readonly child: ChildProcess; readonly ended: Promise<Ended> } {
    const child = fork(
      join(import.meta.dirname, "../../../src/cli/main.ts"),
      [...args, "--model", this.model, "--device", "cpu", "--json"],
      {
        execArgv: [],
        stdio: ["ignore", "pipe", "pipe", "ipc"],
        env: {
          ...process.env,
          XDG_DATA_HOME: join(this.root, "data"),
          NODE_COMPILE_CACHE: join(this.root, "compiled"),
        },
      },
    );
    const all = Promise.all([text(child.stdout!), text(child.stderr!), once(child, "exit")]);
    const ended = all.then(([printed, said, [code, signal]]) => ({ printed, said, how: String(signal ?? code) }));
    return { child, ended };
  }

  /** @returns what it printed, read as JSON. @throws where it did not end well */
  async run(...args: string[]): Promise<unknown> {
    const { printed, said, how } = await this.start(...args).ended;
    if (how !== "0") throw new Error(`lookalike ${args.join(" ")} ended with ${how}: ${said}`);
    return JSON.parse(printed);
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}
