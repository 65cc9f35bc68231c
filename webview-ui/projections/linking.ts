import type { ReactiveController, ReactiveControllerHost } from "lit";
import type { Near, Neighbours } from "./neighbours.ts";

/** A pointer that only passes asks for no neighbours. Milliseconds. */
const REST = 40;

/** The point that is lit up in every map, with its neighbours in each descriptor space. */
export class Linking implements ReactiveController {
  readonly #host: ReactiveControllerHost;
  readonly #neighbours: Neighbours;
  #rest: ReturnType<typeof setTimeout> | undefined;
  #near: Near = {};
  /** Row that was clicked or walked to last. */
  current: number | undefined;
  /** Row under the pointer, and the map beside whose point its card stands. */
  light: { readonly row: number; readonly map: string | undefined } | undefined;

  constructor(host: ReactiveControllerHost, neighbours: Neighbours) {
    this.#host = host;
    this.#neighbours = neighbours;
    host.addController(this);
  }

  hostConnected(): void {}

  hostDisconnected(): void {
    clearTimeout(this.#rest);
  }

  /** Row that is lit up. */
  get row(): number | undefined {
    return this.light?.row ?? this.current;
  }

  /** The nearest of that row, by descriptor. */
  get near(): Near {
    return this.row === undefined ? {} : this.#near;
  }

  /** The pointer is at a point, or at none. @param map beside whose point the card stands */
  hover(row: number | undefined, map: string | undefined): void {
    clearTimeout(this.#rest);
    this.light = row === undefined ? undefined : { row, map };
    this.#host.requestUpdate();
    const lit = this.row;
    if (lit === undefined) return;
    this.#near = this.#neighbours.get(lit) ?? {};
    this.#rest = setTimeout(() => void this.#load(lit), REST);
  }

  /** Goes to a point; without a map no card is shown. */
  go(row: number, map: string | undefined): void {
    this.current = row;
    this.#host.requestUpdate();
    if (map === undefined) void this.#load(row);
    else this.hover(row, map);
  }

  /** Nothing is lit up any more. */
  clear(): void {
    clearTimeout(this.#rest);
    this.light = undefined;
    this.current = undefined;
    this.#host.requestUpdate();
  }

  leaveCurrent(): void {
    this.current = undefined;
    this.#host.requestUpdate();
  }

  async #load(row: number): Promise<void> {
    // The point is lit up without lines where they cannot be had; the host has logged why.
    const near = await this.#neighbours.load(row).catch((): Near => ({}));
    if (this.row !== row) return;
    this.#near = near;
    this.#host.requestUpdate();
  }
}
