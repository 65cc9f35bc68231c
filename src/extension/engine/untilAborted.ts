import * as vscode from "vscode";

/** Does work whose token is cancelled when the signal aborts. */
export async function untilAborted<T>(
  signal: AbortSignal,
  work: (token: vscode.CancellationToken) => Promise<T>,
): Promise<T> {
  const source = new vscode.CancellationTokenSource();
  const cancel = () => source.cancel();
  if (signal.aborted) cancel();
  signal.addEventListener("abort", cancel);
  try {
    return await work(source.token);
  } finally {
    signal.removeEventListener("abort", cancel);
    source.dispose();
  }
}
