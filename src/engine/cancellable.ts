import { type CancellationToken, ResponseError } from "vscode-jsonrpc/node";
import { orAborted, REQUEST_CANCELLED } from "../shared/index.ts";

/**
 * Does work that stops by a signal when the request is cancelled; who asked is told so at once, and does not wait for that.
 * @throws what tells the asker so, with `message`, then
 */
export async function cancellable<T>(
  token: CancellationToken,
  message: string,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const abort = new AbortController();
  const listener = token.onCancellationRequested(() => abort.abort());
  if (token.isCancellationRequested) abort.abort();
  try {
    return await orAborted(work(abort.signal), abort.signal);
  } catch (error) {
    throw abort.signal.aborted ? new ResponseError(REQUEST_CANCELLED, message) : error;
  } finally {
    listener.dispose();
  }
}
