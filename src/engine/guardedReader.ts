import type { DataCallback, MessageReader } from "vscode-jsonrpc/node";
import { messageFault } from "../shared/index.ts";

/**
 * A reader that lets through what is a message of JSON-RPC with named parameters: the connection takes each message on trust, and
 * one cancellation without parameters is an exception that nobody catches.
 * @param dropped told of what is no message, in words
 */
export function guardedReader(reader: MessageReader, dropped: (what: string) => void): MessageReader {
  return {
    onError: reader.onError,
    onClose: reader.onClose,
    onPartialMessage: reader.onPartialMessage,
    listen: (callback: DataCallback) =>
      reader.listen((message) => {
        const fault = messageFault(message);
        if (fault === undefined) callback(message);
        else dropped(fault);
      }),
    dispose: () => reader.dispose(),
  };
}
