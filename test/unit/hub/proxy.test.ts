import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { downloadFile, openRepository } from "../../../src/core/model/hub/index.ts";
import { type HubServer, startHub } from "../../fixtures/hub/server.ts";

const BYTES = new Uint8Array(200_000).fill(3);
let hub: HubServer;
let proxy: Server;
let proxyUrl: string;
/** What went through the proxy. */
let through: string[];

beforeEach(async () => {
  for (const name of ["http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "no_proxy", "NO_PROXY"])
    vi.stubEnv(name, "");
  hub = await startHub("a/b", { "m.safetensors": BYTES });
  through = [];
  const { host } = new URL(hub.endpoint);
  // The only one that knows where hub.test is, as behind a firewall.
  const reach = (target: string | undefined) => {
    through.push(target ?? "");
    return target?.startsWith("hub.test") ? host : undefined;
  };
  proxy = createServer(async (request, response) => {
    const url = new URL(request.url!);
    const target = reach(url.host);
    const answer = await fetch(`http://${target}${url.pathname}${url.search}`, { redirect: "manual" });
    response.writeHead(answer.status, Object.fromEntries(answer.headers)).end(Buffer.from(await answer.arrayBuffer()));
  });
  proxy.on("connect", (request, client: Socket) => {
    const target = reach(request.url);
    if (target === undefined) return client.end("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n");
    const server = connect(Number(target.split(":")[1]), "127.0.0.1", () => client.write("HTTP/1.1 200 OK\r\n\r\n"));
    server.pipe(client).pipe(server);
    for (const socket of [server, client]) socket.on("error", () => [server, client].map((each) => each.destroy()));
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  proxyUrl = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await hub.close();
  proxy.closeAllConnections();
  await new Promise((resolve) => proxy.close(resolve));
});

const endpoint = "http://hub.test";

test("everything goes through the proxy given", async () => {
  const folder = mkdtempSync(join(tmpdir(), "lookalike-proxy-"));
  const options = { endpoint, proxy: proxyUrl };
  const repository = await openRepository("a/b", options);
  const out = join(folder, "m.safetensors");
  await downloadFile(repository, repository.files[0]!, out, options);
  expect(readFileSync(out).equals(BYTES)).toBe(true);
  expect(through.length).toBeGreaterThan(0);
  rmSync(folder, { recursive: true });
});

test("the environment names the proxy, and hosts that need none", async () => {
  vi.stubEnv("http_proxy", proxyUrl);
  expect((await openRepository("a/b", { endpoint })).files).toHaveLength(1);
  expect(through.length).toBeGreaterThan(0);
  through.length = 0;
  vi.stubEnv("no_proxy", "127.0.0.1");
  expect((await openRepository("a/b", { endpoint: hub.endpoint })).files).toHaveLength(1);
  expect(through).toEqual([]);
});

test("a proxy that is not there is named as a thing to check", async () => {
  const task = openRepository("a/b", { endpoint, proxy: "http://127.0.0.1:1" });
  await expect(task).rejects.toThrow(
    /^hub\.test cannot be reached \(.*ECONNREFUSED.*\)\. Check the connection, the proxy/,
  );
});
