import {
  AbstractMessageReader,
  AbstractMessageWriter,
  createMessageConnection,
  type DataCallback,
  type Disposable,
  type Message,
  type MessageConnection,
} from "vscode-jsonrpc/browser";

/** What VS Code gives to a page; `acquireVsCodeApi` may be called once only. */
export interface VsCodeApi {
  postMessage(message: unknown): void;
  getState(): unknown;
  setState(state: unknown): void;
}

class HostReader extends AbstractMessageReader {
  listen(callback: DataCallback): Disposable {
    const listener = ({ data }: MessageEvent<unknown>) => {
      if (typeof data === "object" && data !== null && "jsonrpc" in data) callback(data as Message);
    };
    window.addEventListener("message", listener);
    return { dispose: () => window.removeEventListener("message", listener) };
  }
}

class HostWriter extends AbstractMessageWriter {
  readonly #api: VsCodeApi;

  constructor(api: VsCodeApi) {
    super();
    this.#api = api;
  }

  async write(message: Message): Promise<void> {
    this.#api.postMessage(message);
  }

  end(): void {}
}

/** JSON-RPC over `postMessage` with the extension host. */
export function connectHost(api: VsCodeApi): MessageConnection {
  return createMessageConnection(new HostReader(), new HostWriter(api));
}

/** What the host says of a request that failed, without the method that vscode-jsonrpc puts before it. */
export function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.replace(/^Request [\w/]+ failed with message: /, "");
}
