/** A process that takes up to 40 MB for each message, in and outside of JavaScript, and lets it go: garbage is no leak. */
let state = 1;
function random(below: number): number {
  state = (Math.imul(state, 1103515245) + 12345) >>> 0;
  return (state >>> 8) % below;
}

process.on("message", () => {
  const held: unknown[] = [];
  for (let i = 0; i < 10; i++) held.push(Buffer.alloc(1 + random(2 << 20), 1), new Array(random(200_000)).fill(i));
  process.send!(held.length);
});
