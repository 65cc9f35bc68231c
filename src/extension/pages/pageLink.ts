import type { Webview } from "vscode";
import {
  AbstractMessageReader,
  AbstractMessageWriter,
  createMessageConnection,
  type DataCallback,
  type Disposable,
  type Message,
  type MessageConnection,
} from "vscode-jsonrpc/node";
import { messageFault } from "../../shared/index.ts";

class PageReader extends AbstractMessageReader {
  readonly #webview: Webview;

  constructor(webview: Webview) {
    super();
    this.#webview = webview;
  }

  listen(callback: DataCallback): Disposable {
    return this.#webview.onDidReceiveMessage((message: unknown) => {
      // Anything may be posted by a page; only what has the shape of JSON-RPC is looked at.
      if (messageFault(message) === undefined) callback(message as Message);
    });
  }
}

class PageWriter extends AbstractMessageWriter {
  readonly #webview: Webview;

  constructor(webview: Webview) {
    super();
    this.#webview = webview;
  }

  async write(message: Message): Promise<void> {
    // False means that the page is hidden or gone; it asks for everything anew when it comes back.
    await this.#webview.postMessage(message);
  }

  end(): void {}
}

/** JSON-RPC over `postMessage` with the page in a webview. */
export function connectPage(webview: Webview): MessageConnection {
  return createMessageConnection(new PageReader(webview), new PageWriter(webview));
}
