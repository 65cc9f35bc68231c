import { type Frame, fitCanvas, MARK, type PointRenderer } from "./renderer.ts";
import { drawnOf, stepOf } from "./thinning.ts";

const VERTEX = `#version 300 es
in vec2 point;
in float colour;
uniform vec2 middle;
uniform vec2 scale;
uniform float diameter;
uniform sampler2D palette;
out vec4 fill;
void main() {
  gl_Position = vec4((point - middle) * scale, 0.0, 1.0);
  gl_PointSize = diameter;
  fill = texelFetch(palette, ivec2(int(colour), 0), 0);
}`;

const FRAGMENT = `#version 300 es
precision highp float;
in vec4 fill;
uniform float diameter;
uniform float opacity;
out vec4 pixel;
void main() {
  float edge = (0.5 - length(gl_PointCoord - 0.5)) * diameter;
  float alpha = fill.a * opacity * clamp(edge, 0.0, 1.0);
  pixel = vec4(fill.rgb * alpha, alpha);
}`;

/** Where points go that have no place: outside of every view. */
const NOWHERE = 1e12;

const ATTRIBUTES = { point: 2, colour: 1 } as const;
type Attribute = keyof typeof ATTRIBUTES;

interface Resources {
  readonly program: WebGLProgram;
  readonly buffers: Readonly<Record<Attribute, WebGLBuffer>>;
  /** Rows of the points, by their marks. */
  readonly rows: WebGLBuffer;
  readonly palette: WebGLTexture;
  readonly uniform: (name: string) => WebGLUniformLocation | null;
}

/**
 * Points by WebGL2. What a lost context held is uploaded again when it comes back.
 * @param restored the context came back: what was drawn must be drawn again
 * @returns undefined where WebGL2 is not there
 */
export function createWebglRenderer(canvas: HTMLCanvasElement, restored: () => void): PointRenderer | undefined {
  const gl = canvas.getContext("webgl2", { antialias: false, depth: false, powerPreference: "low-power" });
  if (gl === null) return undefined;
  const data: Record<Attribute, Float32Array | Uint8Array> = {
    point: new Float32Array(),
    colour: new Uint8Array(),
  };
  const stale = new Set<Attribute>();
  let sorted = byMark(new Uint8Array());
  let rowsStale = true;
  let resources = createResources(gl);
  if (resources === undefined) return undefined;

  const onLost = (event: Event) => {
    // Without this it is never given back.
    event.preventDefault();
    resources = undefined;
  };
  const onRestored = () => {
    resources = createResources(gl);
    for (const name of ["point", "colour"] as const) stale.add(name);
    rowsStale = true;
    restored();
  };
  canvas.addEventListener("webglcontextlost", onLost);
  canvas.addEventListener("webglcontextrestored", onRestored);

  const set = (name: Attribute, values: Float32Array | Uint8Array) => {
    data[name] = values;
    stale.add(name);
  };

  function draw(frame: Frame): void {
    if (gl === null || resources === undefined || gl.isContextLost()) return;
    const { view, size, ratio, diameter, passes, share } = frame;
    fitCanvas(canvas, size, ratio);
    gl.viewport(0, 0, canvas.width, canvas.height);
    gl.clearColor(0, 0, 0, 0);
    gl.clear(gl.COLOR_BUFFER_BIT);
    const { uniform } = resources;
    gl.useProgram(resources.program);
    upload(gl, resources, data, stale);
    setPalette(gl, resources.palette, frame.palette);
    gl.enable(gl.BLEND);
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
    gl.uniform2f(uniform("middle"), view.x, view.y);
    gl.uniform2f(uniform("scale"), (2 * view.scale) / size.width, (2 * view.scale) / size.height);
    gl.uniform1f(uniform("diameter"), diameter * ratio);
    const count = data.point.length / 2;
    // Between two sets of images there are marks and colours of one, and points of the other.
    if (data.colour.length !== count || sorted.rows.length !== count) return;
    if (rowsStale) {
      gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, resources.rows);
      gl.bufferData(gl.ELEMENT_ARRAY_BUFFER, sorted.rows, gl.DYNAMIC_DRAW);
      rowsStale = false;
    }
    for (const { mark, opacity } of passes) {
      const [from = 0, to = 0] = [sorted.starts[mark], sorted.starts[mark + 1]];
      gl.uniform1f(uniform("opacity"), opacity);
      gl.drawElements(gl.POINTS, drawnOf(to - from, share), gl.UNSIGNED_INT, 4 * from);
    }
  }

  return {
    kind: "webgl",
    setPoints: (points) =>
      set(
        "point",
        points.map((value) => (Number.isFinite(value) ? value : NOWHERE)),
      ),
    setColours: (colours) => set("colour", colours),
    setMarks(marks) {
      sorted = byMark(marks);
      rowsStale = true;
    },
    draw,
    dispose() {
      canvas.removeEventListener("webglcontextlost", onLost);
      canvas.removeEventListener("webglcontextrestored", onRestored);
      // A page may hold few contexts at a time; this one is not to wait for the garbage collector.
      gl.getExtension("WEBGL_lose_context")?.loseContext();
    },
  };
}

function createResources(gl: WebGL2RenderingContext): Resources | undefined {
  const program = gl.createProgram();
  for (const [type, source] of [
    [gl.VERTEX_SHADER, VERTEX],
    [gl.FRAGMENT_SHADER, FRAGMENT],
  ] as const) {
    const shader = gl.createShader(type);
    if (shader === null) return undefined;
    gl.shaderSource(shader, source);
    gl.compileShader(shader);
    gl.attachShader(program, shader);
  }
  gl.linkProgram(program);
  if (!gl.getProgramParameter(program, gl.LINK_STATUS)) {
    // A driver that refuses this is worth knowing of; the points are drawn without it.
    console.warn(`WebGL2 program: ${gl.getProgramInfoLog(program)}`);
    return undefined;
  }
  const buffers = { point: gl.createBuffer(), colour: gl.createBuffer() };
  const locations = new Map<string, WebGLUniformLocation | null>();
  const uniform = (name: string) => {
    if (!locations.has(name)) locations.set(name, gl.getUniformLocation(program, name));
    return locations.get(name) ?? null;
  };
  return { program, buffers, rows: gl.createBuffer(), palette: gl.createTexture(), uniform };
}

interface RowsByMark {
  readonly rows: Uint32Array;
  /** By mark: where its rows start; one more is the end. */
  readonly starts: readonly number[];
}

/** Plots that are linked have the same marks. */
const known = new WeakMap<Uint8Array, RowsByMark>();

/** Rows ordered by mark, so that a pass goes over no other points; those of one mark spread as `stepOf` does. */
function byMark(marks: Uint8Array): RowsByMark {
  const before = known.get(marks);
  if (before !== undefined) return before;
  const kinds = Object.values(MARK).length;
  const starts = new Array<number>(kinds + 1).fill(0);
  for (let row = 0; row < marks.length; row++) starts[marks[row]! + 1]!++;
  for (let mark = 0; mark < kinds; mark++) starts[mark + 1]! += starts[mark]!;
  const rows = new Uint32Array(marks.length);
  const next = [...starts];
  const step = stepOf(marks.length);
  for (let i = 0; i < marks.length; i++) {
    const row = (i * step) % marks.length;
    rows[next[marks[row]!]!++] = row;
  }
  const sorted = { rows, starts };
  known.set(marks, sorted);
  return sorted;
}

function upload(
  gl: WebGL2RenderingContext,
  { program, buffers }: Resources,
  data: Readonly<Record<Attribute, Float32Array | Uint8Array>>,
  stale: Set<Attribute>,
): void {
  for (const name of stale) {
    gl.bindBuffer(gl.ARRAY_BUFFER, buffers[name]);
    gl.bufferData(gl.ARRAY_BUFFER, data[name], gl.DYNAMIC_DRAW);
    const location = gl.getAttribLocation(program, name);
    gl.enableVertexAttribArray(location);
    const type = name === "point" ? gl.FLOAT : gl.UNSIGNED_BYTE;
    gl.vertexAttribPointer(location, ATTRIBUTES[name], type, false, 0, 0);
  }
  stale.clear();
}

function setPalette(gl: WebGL2RenderingContext, texture: WebGLTexture, palette: Frame["palette"]): void {
  const bytes = Uint8Array.from(palette.flat(), (value) => Math.round(255 * value));
  gl.bindTexture(gl.TEXTURE_2D, texture);
  gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA, palette.length, 1, 0, gl.RGBA, gl.UNSIGNED_BYTE, bytes);
  gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, gl.NEAREST);
  gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MAG_FILTER, gl.NEAREST);
}
