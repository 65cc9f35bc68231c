/**
 * Typed views of a JSON-RPC connection (vscode-jsonrpc has this shape) for the method maps of the protocol. Only types
 * and two thin functions: this folder imports no library.
 */
interface Method {
  params: unknown;
  result: unknown;
}

interface Sender {
  sendRequest(method: string, ...params: unknown[]): Promise<unknown>;
}

interface Receiver<Token> {
  onRequest(method: string, handler: (params: never, token: Token) => unknown): unknown;
}

/** Calls `method` of the map `Requests` on the other side; rejects with its error, or when the link closes. */
export function call<Requests extends { [K in keyof Requests]: Method }, K extends keyof Requests & string, Token>(
  connection: Sender,
  method: K,
  params: Requests[K]["params"],
  token?: Token,
): Promise<Requests[K]["result"]> {
  return token === undefined ? connection.sendRequest(method, params) : connection.sendRequest(method, params, token);
}

/** One handler for every method of a map; a forgotten one is a compile error. */
export type Handlers<Requests extends { [K in keyof Requests]: Method }, Token> = {
  [K in keyof Requests]: (params: Requests[K]["params"], token: Token) => Promise<Requests[K]["result"]>;
};

/** Registers all handlers of a map. */
export function serve<Requests extends { [K in keyof Requests]: Method }, Token>(
  connection: Receiver<Token>,
  handlers: Handlers<Requests, Token>,
): void {
  for (const method of Object.keys(handlers) as (keyof Requests & string)[]) {
    connection.onRequest(method, handlers[method] as (params: never, token: Token) => unknown);
  }
}
