/** What VS Code gives to a page; `acquireVsCodeApi` may be called once only. */
export interface VsCodeApi {
  postMessage(message: unknown): void;
  getState(): unknown;
  setState(state: unknown): void;
}

/** A notification, or the answer to a request. */
interface Message {
  readonly jsonrpc: unknown;
  readonly method?: unknown;
  readonly params?: unknown;
  readonly id?: unknown;
  readonly result?: unknown;
  readonly error?: unknown;
}

interface Answer {
  resolve(result: unknown): void;
  reject(error: Error): void;
}

/**
 * JSON-RPC 2.0 with the extension host over `postMessage`, as far as a page needs it: it asks and is told. All of
 * vscode-jsonrpc, which the host uses, would be half of the script that a page has to load before it shows anything.
 */
export class HostLink {
  readonly #api: Pick<VsCodeApi, "postMessage">;
  readonly #waiting = new Map<number, Answer>();
  readonly #handlers = new Map<string, (params: never) => void>();
  #last = 0;

  constructor(api: Pick<VsCodeApi, "postMessage">) {
    this.#api = api;
  }

  /** Rejects with the host's message where it refuses. */
  sendRequest(method: string, ...[params]: readonly unknown[]): Promise<unknown> {
    const id = ++this.#last;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#api.postMessage({ jsonrpc: "2.0", id, method, params });
    });
  }

  onNotification<Params>(method: string, handler: (params: Params) => void): void {
    this.#handlers.set(method, handler);
  }

  /** Takes what the host sends from now on; what is no message of the protocol is passed over. */
  listen(): void {
    window.addEventListener("message", ({ data }: MessageEvent<unknown>) => {
      if (typeof data === "object" && data !== null && "jsonrpc" in data) this.#take(data);
    });
  }

  #take({ method, params, id, result, error }: Message): void {
    if (typeof method === "string") this.#handlers.get(method)?.(params as never);
    if (typeof id !== "number") return;
    const answer = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (error === undefined) answer?.resolve(result);
    else answer?.reject(new Error(messageOf(error)));
  }
}

function messageOf(error: unknown): string {
  return typeof error === "object" && error !== null && "message" in error ? String(error.message) : String(error);
}

/** What the host says of a request that failed, without the method that vscode-jsonrpc puts before it. */
export function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.replace(/^Request [\w/]+ failed with message: /, "");
}
