/** Child process of the fuzz test: decodes the files it is sent, and answers with the reason where one is refused. */
import { decodeForModel, ImageError } from "../../../src/core/images/index.ts";

const INPUT = { width: 32, height: 32, resize: "squash", background: [255, 255, 255] } as const;

process.on("message", async (files: string[]) => {
  const reasons = await Promise.all(
    files.map((file) =>
      decodeForModel(file, INPUT).then(
        () => null,
        (error: unknown) => (error instanceof ImageError ? error.message : `no reason: ${String(error)}`),
      ),
    ),
  );
  process.send!(reasons);
});
