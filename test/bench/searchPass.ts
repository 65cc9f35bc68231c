/** One pass over the float32 matrices of a gallery: what a search that reads all of them cannot undercut. */
import { availableParallelism } from "node:os";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { GraphBuilder } from "../../src/core/onnx/index.ts";
import { BLOCK_ROWS, type Gallery } from "../../src/core/search/index.ts";

/** onnxruntime's ReduceSum over all matrices, with the threads that a search has. */
export async function passOver(gallery: Gallery): Promise<() => Promise<unknown>> {
  const graph = new GraphBuilder("sum");
  for (const b of gallery.dims.keys()) {
    graph.op("ReduceSum", [graph.input(`gallery_${b}`, "float32", ["n", "d", "rows"])], { keepdims: 0 }, `sum_${b}`);
    graph.output(`sum_${b}`, "float32", []);
  }
  const session = await InferenceSession.create(graph.encode(), {
    executionProviders: ["cpu"],
    intraOpNumThreads: availableParallelism(),
  });
  const feeds = Object.fromEntries(
    gallery.dims.map((dim, b) => {
      const matrix = gallery.matrix(b);
      return [`gallery_${b}`, new Tensor("float32", matrix, [matrix.length / (dim * BLOCK_ROWS), dim, BLOCK_ROWS])];
    }),
  );
  return () => session.run(feeds);
}
