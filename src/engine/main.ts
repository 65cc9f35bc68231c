/** The engine: a forked child process that serves core over RPC. Started with an IPC channel, `serialization: "advanced"`. */
import { fileURLToPath } from "node:url";
import { createMessageConnection, IPCMessageReader, IPCMessageWriter } from "vscode-jsonrpc/node";
import { endWithParent } from "../core/processes/index.ts";
import { serve } from "../shared/index.ts";
import { checkedRequests } from "./checkedRequests.ts";
import { Folders } from "./folders.ts";
import { guardedReader } from "./guardedReader.ts";
import { engineHandlers } from "./handlers.ts";
import type { Notify } from "./notify.ts";

endWithParent();

// Bundled to dist/engine/main.mjs; the default model lies in dist/models.
const DEFAULT_MODEL = fileURLToPath(new URL("../models/mobilenetv2-smg.onnx", import.meta.url));
const model = process.argv[2] ?? DEFAULT_MODEL;

const reader = guardedReader(new IPCMessageReader(process), (what) =>
  notify("log", { level: "warn", message: `A message to the engine was dropped: ${what}.` }),
);
const connection = createMessageConnection(reader, new IPCMessageWriter(process));
const notify: Notify = (method, params) => void connection.sendNotification(method, params);
const folders = new Folders(model, (level, message) => notify("log", { level, message }));

serve(connection, checkedRequests(engineHandlers(folders, notify)));
// The window is gone: nobody can ask any more.
process.on("disconnect", () => process.exit(0));
connection.listen();
