/** Does something when what was drawn just now has been painted: what the first picture does not need. */
export function afterPaint(act: () => void): void {
  requestAnimationFrame(() => {
    // A task of its own comes after the frame.
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      act();
    };
    port2.postMessage(null);
  });
}

/** A mark on the page's time line, for measurements: it costs nothing, and nobody has to read it. */
export function mark(name: string, detail: string): void {
  performance.mark(`lookalike:${name}`, { detail });
}
