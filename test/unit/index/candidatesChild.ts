/** Builds the segments of an index and is killed in the middle: after so many rows. */
import { PastMemory } from "../../../src/core/index/index.ts";
import { ExactSearch } from "../../../src/core/search/index.ts";

const [place = "", dims = "", rows = ""] = process.argv.slice(2);
const shape = dims.split(",").map(Number);
const options = { warn: () => {}, segmentRows: 500, tailRows: 100 };
const past = await PastMemory.open(place, shape, await ExactSearch.create(shape.length), options);
await past.build(({ done }) => {
  if (done >= Number(rows)) process.kill(process.pid, "SIGKILL");
});
