import { afterEach, expect, test, vi } from "vitest";
import { HostLink, reasonOf } from "../../../webview-ui/rpc.ts";

/** A link whose page is this process, and the messages that it posts. */
function openLink() {
  const page = new EventTarget();
  vi.stubGlobal("window", page);
  const posted: unknown[] = [];
  const link = new HostLink({ postMessage: (message) => posted.push(message) });
  link.listen();
  const send = (data: unknown) => page.dispatchEvent(new MessageEvent("message", { data }));
  return { link, posted, send };
}
afterEach(() => void vi.unstubAllGlobals());

test("each request gets its own answer, in whatever order they come", async () => {
  const { link, posted, send } = openLink();
  const first = link.sendRequest("one", { a: 1 });
  const second = link.sendRequest("two", {});
  expect(posted).toEqual([
    { jsonrpc: "2.0", id: 1, method: "one", params: { a: 1 } },
    { jsonrpc: "2.0", id: 2, method: "two", params: {} },
  ]);
  send({ jsonrpc: "2.0", id: 2, result: "of two" });
  send({ jsonrpc: "2.0", id: 1, result: null });
  expect(await second).toBe("of two");
  expect(await first).toBeNull();
});

test("a refusal rejects with the host's reason", async () => {
  const { link, send } = openLink();
  const asked = link.sendRequest("copies", {});
  send({ jsonrpc: "2.0", id: 1, error: { code: -32603, message: "Request copies failed with message: It is gone." } });
  const error: unknown = await asked.catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(Error);
  expect(reasonOf(error)).toBe("It is gone.");
});

test("notifications reach their handler, and nothing else disturbs the page", async () => {
  const { link, send } = openLink();
  const told: unknown[] = [];
  link.onNotification("state", (state) => told.push(state));
  const asked = link.sendRequest("ready", {});
  const others = [
    null,
    "text",
    { method: "state", params: 0 },
    { jsonrpc: "2.0" },
    { jsonrpc: "2.0", id: 99, result: 1 },
  ];
  for (const data of [...others, { jsonrpc: "2.0", method: "unknown", params: 1 }]) send(data);
  send({ jsonrpc: "2.0", method: "state", params: { searching: true } });
  send({ jsonrpc: "2.0", id: 1, result: "there" });
  expect(await asked).toBe("there");
  expect(told).toEqual([{ searching: true }]);
});
