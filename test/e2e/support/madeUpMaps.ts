/** Hosts of the projections page with made-up maps; each runs in the page before its script, so it may use nothing from outside. */

/**
 * Classes in rows of six, class 0 four images larger than the others; runs in the page. The answers of `openPage` may say how many
 * `classes` there are, 30 otherwise, how many images `each` has, 30 otherwise, and which `folders` take turns above the classes.
 */
export function madeUpHost(): void {
  const { answers } = globalThis as unknown as { answers: { classes?: number; each?: number; folders?: string[] } };
  const { classes = 30, each = 30, folders } = answers;
  const above = (row: number) => (folders === undefined ? "" : `${folders[row % folders.length]}/`);
  const rows = Array.from({ length: classes }, (_, code) =>
    Array.from({ length: each + (code === 0 && classes > 1 ? 4 : 0) }, () => code),
  ).flat();
  const names = ["spoc", "mac", "gem", "combined"];
  const points = () =>
    Float32Array.from(
      rows.flatMap((code, row) => [(code % 6) + 0.3 * Math.cos(row), Math.floor(code / 6) + 0.3 * Math.sin(row)]),
    );
  const parameters = { neighbours: 15, minDist: 0.1, seed: 42, sample: null, under: "" };
  const quality = { trustworthiness: 0.97, neighbourPreservation: 0.5, alignmentResidual: 0.1 };
  const few = { trustworthiness: null, neighbourPreservation: null, alignmentResidual: 0.1 };
  const summary = {
    images: rows.length,
    excluded: 0,
    maps: Object.fromEntries(names.map((name) => [name, name === "mac" ? few : quality])),
    measured: { k: 15, images: rows.length },
    reused: "none",
    seconds: 1,
  };
  const known: Record<string, unknown> = {
    ready: {
      state: { folder: "photos", under: "", work: null, parameters, summary, notice: null },
      saved: { folder: "/photos", under: "", parameters },
      colour: null,
      images: { descriptors: names, paths: rows.map((code, row) => `${above(row)}class ${code}/${row}.png`) },
      layouts: names.map((descriptor) => ({ descriptor, method: "umap", done: 1, points: points() })),
      highlight: { active: null, query: null, results: [] },
    },
    tables: [],
    neighbours: {},
  };
  const host = globalThis as unknown as { acquireVsCodeApi(): { postMessage(message: Message): unknown } };
  type Message = { id?: number; method: string };
  const before = host.acquireVsCodeApi;
  host.acquireVsCodeApi = () => {
    const api = before();
    return {
      ...api,
      postMessage(message: Message) {
        const result = known[message.method];
        if (result === undefined) return api.postMessage(message);
        const data = { jsonrpc: "2.0", id: message.id, result };
        return globalThis.dispatchEvent(new MessageEvent("message", { data }));
      },
    };
  };
}

/** Two maps, of which the other is the first one turned; runs in the page. */
export function twoModels(): void {
  const count = 60;
  const names = ["eye one", "eye two", "combined"];
  const points = (turn: number) =>
    Float32Array.from(
      Array.from({ length: count }, (_, i) => [
        Math.cos(i + turn) * (1 + (i % 5)),
        Math.sin(i + turn) * (1 + (i % 5)),
      ]).flat(),
    );
  const models = ["one", "two"].map((model) => ({ label: `eye ${model}`, model, adapt: false }));
  const parameters = { neighbours: 15, minDist: 0.1, seed: 42, sample: null, under: "", models };
  const quality = { trustworthiness: 0.97, neighbourPreservation: 0.5, alignmentResidual: 0.1 };
  const maps = Object.fromEntries(names.map((name) => [name, quality]));
  const summary = { images: count, excluded: 0, maps, measured: { k: 15, images: count }, reused: "none", seconds: 1 };
  const values = Float64Array.from({ length: count }, (_, i) => i / count);
  const known: Record<string, unknown> = {
    ready: {
      state: { folder: "photos", under: "", work: null, parameters, summary, notice: null },
      saved: { folder: "/photos", under: "", parameters },
      colour: null,
      images: { descriptors: names, paths: Array.from({ length: count }, (_, i) => `class ${i % 5}/${i}.png`) },
      layouts: names.map((descriptor, i) => ({ descriptor, method: "umap", done: 1, points: points(i) })),
      highlight: { active: null, query: null, results: [] },
    },
    tables: [],
    neighbours: {},
    column: { column: { kind: "number", unit: "share", values, byMap: null }, notes: null },
    colour: null,
    run: null,
  };
  const host = globalThis as unknown as {
    acquireVsCodeApi(): { postMessage(message: Message): unknown };
    sent: Message[];
  };
  type Message = { id?: number; method: string; params?: unknown };
  host.sent = [];
  const before = host.acquireVsCodeApi;
  host.acquireVsCodeApi = () => {
    const api = before();
    return {
      ...api,
      postMessage(message: Message) {
        host.sent.push(message);
        const result = known[message.method];
        if (result === undefined) return api.postMessage(message);
        const data = { jsonrpc: "2.0", id: message.id, result };
        return setTimeout(() => window.dispatchEvent(new MessageEvent("message", { data })));
      },
    };
  };
}
