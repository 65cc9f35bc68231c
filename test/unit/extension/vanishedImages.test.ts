import { beforeEach, expect, test, vi } from "vitest";
import type { RunEnd, RunOptions, VanishedRun } from "../../../src/extension/indexRuns.ts";

const editor = vi.hoisted(() => ({ answer: undefined as string | undefined, asked: [] as string[] }));

vi.mock("vscode", () => ({
  Disposable: { from: () => ({ dispose() {} }) },
  l10n: {
    t: (text: string, ...values: unknown[]) => text.replace(/\{(\d)\}/g, (_, i) => String(values[Number(i)])),
  },
  window: {
    showWarningMessage: async (text: string) => {
      editor.asked.push(text);
      return editor.answer;
    },
  },
}));

const { askAboutVanished } = await import("../../../src/extension/vanishedImages.ts");

let accepted: unknown[];
let vanish: (run: VanishedRun) => Promise<void>;
let end: (end: RunEnd) => void;
const RUN = { folder: "/photos", rebuild: false, gone: 60, indexed: 60 };

beforeEach(() => {
  editor.answer = undefined;
  editor.asked = [];
  accepted = [];
  const runs = {
    onVanished: (listener: typeof vanish) => {
      vanish = listener;
    },
    onEnd: (listener: typeof end) => {
      end = listener;
    },
    run: async (...all: [string, boolean, string | undefined, RunOptions]) => void accepted.push(all),
  };
  askAboutVanished({ runs, log: { warn() {} } } as never);
});

test("asks once by itself, again when somebody asked, and anew after a run that went through", async () => {
  await vanish({ ...RUN, byItself: true });
  expect(editor.asked).toEqual([expect.stringContaining("60 of the 60 indexed images of /photos are gone")]);
  await vanish({ ...RUN, byItself: true });
  expect(editor.asked).toHaveLength(1);
  await vanish({ ...RUN, byItself: false });
  expect(editor.asked).toHaveLength(2);
  end({ folder: "/photos", error: new Error("no") });
  await vanish({ ...RUN, byItself: true });
  expect(editor.asked).toHaveLength(2);
  end({ folder: "/photos" });
  await vanish({ ...RUN, byItself: true });
  expect(editor.asked).toHaveLength(3);
  expect(accepted).toEqual([]);
});

test("what is removed is what was asked about", async () => {
  editor.answer = "Remove From Index";
  await vanish({ ...RUN, model: "other", rebuild: true, byItself: false });
  expect(accepted).toEqual([["/photos", true, "other", { acceptRemoved: true }]]);
});
