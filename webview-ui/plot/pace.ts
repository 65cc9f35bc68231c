import { nextShare } from "./thinning.ts";

/** A view that has not moved for so long rests. Milliseconds. */
const REST = 150;

/** While a view moves a frame in time is worth more than one with all points; once it rests, there is time. */
export class Pace {
  #rest: ReturnType<typeof setTimeout> | undefined;
  #moving = false;
  #share = 1;

  /** Of the points that are drawn now, 0..1. */
  get share(): number {
    return this.#moving ? this.#share : 1;
  }

  moves(): void {
    this.#moving = true;
  }

  /** When the next frame comes late, this one had too many points. @param now time of this frame */
  drawn(now: number, count: number): void {
    if (!this.#moving) return;
    requestAnimationFrame((next) => {
      this.#share = nextShare(this.#share, next - now, count);
    });
  }

  /** @param act once nothing has moved for a while; it is told whether points were left out */
  whenAtRest(act: (thinned: boolean) => void): void {
    clearTimeout(this.#rest);
    this.#rest = setTimeout(() => {
      const thinned = this.share < 1;
      this.#moving = false;
      act(thinned);
    }, REST);
  }

  end(): void {
    clearTimeout(this.#rest);
  }
}
